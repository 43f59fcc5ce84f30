// A stand-in for ztunnel, which is not to be had as a Go module: it says that it is ready, and carries no traffic. Pods
// of the mesh wait for the real one.
package main

import (
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.Print("this is a stand-in for ztunnel: it only says that it is ready, and carries no traffic")
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-end
		os.Exit(0)
	}()
	http.HandleFunc("/healthz/ready", func(answer http.ResponseWriter, _ *http.Request) {
		answer.WriteHeader(http.StatusOK)
	})
	log.Fatal(http.ListenAndServe(":15021", nil))
}
