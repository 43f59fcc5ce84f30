// A stand-in for Envoy as kind uses it before several control planes, whose image no package has: hands every connection on
// to the next of the API servers that answers. What it knows of Envoy's configuration is what kind writes of it: lds.yaml
// with the port to listen on, and cds.yaml with the API servers, beside the file that -c names; both come later than this.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	configuration := flag.String("c", "", "the file with the configuration")
	flag.Parse()
	folder := filepath.Dir(*configuration)
	for {
		port, servers, err := read(folder)
		if err == nil {
			log.Fatal(serve(port, servers))
		}
		log.Print(err)
		time.Sleep(time.Second)
	}
}

var (
	portValue = regexp.MustCompile(`port_value: (\d+)`)
	endpoint  = regexp.MustCompile(`address: (\S+)\s+port_value: (\d+)`)
)

// read gives the port to listen on and the servers behind it.
func read(folder string) (port string, servers []string, err error) {
	listener, err := os.ReadFile(filepath.Join(folder, "lds.yaml"))
	if err != nil {
		return "", nil, err
	}
	cluster, err := os.ReadFile(filepath.Join(folder, "cds.yaml"))
	if err != nil {
		return "", nil, err
	}
	found := portValue.FindSubmatch(listener)
	for _, server := range endpoint.FindAllSubmatch(cluster, -1) {
		servers = append(servers, net.JoinHostPort(string(server[1]), string(server[2])))
	}
	if found == nil || len(servers) == 0 {
		return "", nil, errors.New("not configured yet")
	}
	return string(found[1]), servers, nil
}

func serve(port string, servers []string) error {
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	for turn := 0; ; turn++ {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer client.Close()
			server, err := dial(servers, turn)
			if err != nil {
				log.Print(err)
				return
			}
			defer server.Close()
			join(client, server)
		}()
	}
}

// dial gives a connection to the server whose turn it is, or to the next one that answers. Names are looked up each time:
// a container may have another address by now.
func dial(servers []string, turn int) (net.Conn, error) {
	for offset := range servers {
		connection, err := net.DialTimeout("tcp", servers[(turn+offset)%len(servers)], time.Second)
		if err == nil {
			return connection, nil
		}
	}
	return nil, fmt.Errorf("none of %v answers", servers)
}

// join copies what each end says to the other, until one of them has ended.
func join(client, server net.Conn) {
	ended := make(chan struct{}, 2)
	for _, ends := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			io.Copy(ends[0], ends[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}
