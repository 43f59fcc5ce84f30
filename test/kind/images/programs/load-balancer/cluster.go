package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"
)

type service struct {
	Type   string
	Object struct {
		Metadata struct{ Name, Namespace string }
		Spec     struct{ Type string }
		Status   struct {
			LoadBalancer struct{ Ingress []struct{ IP string } }
		}
	}
}

// serve watches the Services of the node's cluster for a while, and gives addresses to those that want one.
func serve(node node) error {
	client, err := clientOf(node)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	server := "https://" + node.address + ":6443"
	answer, err := client.Get(server + "/api/v1/services?watch=true&timeoutSeconds=50")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the API server answers %s", answer.Status)
	}
	for events := json.NewDecoder(answer.Body); ; {
		var event service
		if err := events.Decode(&event); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		wanted := event.Type == "ADDED" || event.Type == "MODIFIED"
		if ingress := event.Object.Status.LoadBalancer.Ingress; len(ingress) == 1 && ingress[0].IP == node.address {
			wanted = false
		}
		if !wanted || event.Object.Spec.Type != "LoadBalancer" {
			continue
		}
		meta := event.Object.Metadata
		path := "/api/v1/namespaces/" + meta.Namespace + "/services/" + meta.Name + "/status"
		if err := give(client, server+path, node.address); err != nil {
			return err
		}
	}
}

func give(client *http.Client, url, address string) error {
	patch := fmt.Sprintf(`{"status": {"loadBalancer": {"ingress": [{"ip": %q}]}}}`, address)
	request, err := http.NewRequest(http.MethodPatch, url, bytes.NewBufferString(patch))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	// Deleted since: nothing to give.
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNotFound {
		return fmt.Errorf("the API server answers %s for %s", answer.Status, url)
	}
	return nil
}

var field = regexp.MustCompile(`(?m)^\s*(certificate-authority|client-certificate|client-key)-data: (\S+)$`)

// Clients by the name of their cluster: as the real one does, this one never asks again for the credentials of a name.
var clients sync.Map

func clientOf(node node) (*http.Client, error) {
	if client, known := clients.Load(node.cluster); known {
		return client.(*http.Client), nil
	}
	client, err := newClient(node)
	if err == nil {
		clients.Store(node.cluster, client)
	}
	return client, err
}

// newClient gives a client with the rights of the cluster's administrator, who has a kubeconfig in the node.
func newClient(node node) (*http.Client, error) {
	kubeconfig, err := readFile(node.id, "/etc/kubernetes/admin.conf")
	if err != nil {
		return nil, err
	}
	data := map[string][]byte{}
	for _, found := range field.FindAllSubmatch(kubeconfig, -1) {
		if data[string(found[1])], err = base64.StdEncoding.DecodeString(string(found[2])); err != nil {
			return nil, err
		}
	}
	identity, err := tls.X509KeyPair(data["client-certificate"], data["client-key"])
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(data["certificate-authority"])
	return &http.Client{
		// No watch may outlive a node that has vanished without a word.
		Timeout: time.Minute,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{
			Certificates: []tls.Certificate{identity},
			RootCAs:      authorities,
			// In the certificate whatever address the node has by now.
			ServerName: "kubernetes",
		}},
	}, nil
}
