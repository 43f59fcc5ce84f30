// echo is both ends of a test of a network.
//
//	echo answer [ADDRESS]   answers HTTP requests on ADDRESS (:8080): / with the host's name, /caller with the address
//	                        that the request comes from
//	echo call URL…          prints the answer of each URL in turn; fails if one gives none, or a bad one, within five seconds
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	arguments := os.Args[1:]
	switch {
	case len(arguments) == 1 && arguments[0] == "answer":
		log.Fatal(answer(":8080"))
	case len(arguments) == 2 && arguments[0] == "answer":
		log.Fatal(answer(arguments[1]))
	case len(arguments) > 1 && arguments[0] == "call":
		for _, url := range arguments[1:] {
			if err := call(url); err != nil {
				log.Fatal(err)
			}
		}
	default:
		log.Fatal("usage: echo answer [ADDRESS] | echo call URL…")
	}
}

func answer(address string) error {
	http.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) {
		name, _ := os.Hostname()
		fmt.Fprintln(answer, name)
	})
	http.HandleFunc("/caller", func(answer http.ResponseWriter, request *http.Request) {
		address, _, _ := net.SplitHostPort(request.RemoteAddr)
		fmt.Fprintln(answer, address)
	})
	return http.ListenAndServe(address, nil)
}

func call(url string) error {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	_, err = io.Copy(os.Stdout, answer.Body)
	return err
}
