// An OCI runtime for machines that may not give CAP_SYS_RESOURCE: takes out of a container's configuration what needs
// that capability (itself, resource limits, and an OOM score below the own one), and has runc do the rest.
package main

import (
	"encoding/json"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const capability = "CAP_SYS_RESOURCE"

func main() {
	log.SetFlags(0)
	arguments := os.Args[1:]
	if err := ease(arguments); err != nil {
		log.Fatal(err)
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(syscall.Exec(runc, append([]string{runc}, arguments...), os.Environ()))
}

// ease changes the file that describes the process that runc is about to start.
func ease(arguments []string) error {
	for _, argument := range arguments {
		switch argument {
		case "create", "run", "restore":
			return edit(filepath.Join(option(arguments, "--bundle", "-b"), "config.json"), func(document map[string]any) {
				if process, ok := document["process"].(map[string]any); ok {
					easeProcess(process)
				}
			})
		case "exec":
			if file := option(arguments, "--process", "-p"); file != "" {
				return edit(file, easeProcess)
			}
			return nil
		}
	}
	return nil
}

func easeProcess(process map[string]any) {
	delete(process, "rlimits")
	if score, ok := process["oomScoreAdj"].(float64); ok && score < 0 {
		delete(process, "oomScoreAdj")
	}
	capabilities, _ := process["capabilities"].(map[string]any)
	for set, value := range capabilities {
		names, _ := value.([]any)
		kept := []any{}
		for _, name := range names {
			if name != capability {
				kept = append(kept, name)
			}
		}
		capabilities[set] = kept
	}
}

func edit(file string, change func(map[string]any)) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var document map[string]any
	if err := json.Unmarshal(content, &document); err != nil {
		return err
	}
	change(document)
	if content, err = json.Marshal(document); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}

// option gives the value of the option, in either spelling; empty without it.
func option(arguments []string, long, short string) string {
	for index, argument := range arguments {
		if value, ok := strings.CutPrefix(argument, long+"="); ok {
			return value
		}
		if (argument == long || argument == short) && index+1 < len(arguments) {
			return arguments[index+1]
		}
	}
	return ""
}
