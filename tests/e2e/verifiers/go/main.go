// Verifies webhooks with the libraries `standardwebhooks` and `svix`, unmodified, and with examples/webhooks/verify.go, which the test
// puts beside this file. Standard input and output: as in ../libraries.py.
package main

import (
	"encoding/json"
	"net/http"
	"os"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	svix "github.com/svix/svix-webhooks/go"
)

type webhook struct {
	Secret  string
	Headers map[string]string
	Body    string
}

func main() {
	var cases []webhook
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	results := []map[string]bool{}
	for _, each := range cases {
		headers := http.Header{}
		for name, value := range each.Headers {
			headers.Set(name, value)
		}
		standard, err := standardwebhooks.NewWebhook(each.Secret)
		if err != nil {
			panic(err)
		}
		ofSvix, err := svix.NewWebhook(each.Secret)
		if err != nil {
			panic(err)
		}
		body := []byte(each.Body)
		results = append(results, map[string]bool{
			"standardwebhooks": standard.Verify(body, headers) == nil,
			"svix":             ofSvix.Verify(body, headers) == nil,
			"example":          VerifyWebhook([]string{each.Secret}, headers, body, time.Now()) == nil,
		})
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}
