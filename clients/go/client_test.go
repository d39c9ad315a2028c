package lntpay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const refused = `{"error":{"code":"%s","message":"A message.","request_id":"req_1"}}`

// serve answers each request by `answer`, and returns a client and the requests that it sent.
func serve(t *testing.T, answer http.HandlerFunc) (*ClientWithResponses, *[]string) {
	t.Helper()
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests = append(requests, r.Header.Get("Idempotency-Key")+" "+string(body))
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	client, err := New(Options{APIKey: "lnt_test_x", BaseURL: server.URL, Timeout: 200 * time.Millisecond, Backoff: time.Millisecond, Retries: 2})
	if err != nil {
		t.Fatal(err)
	}
	return client, &requests
}

func withdraw(client *ClientWithResponses) error {
	bolt11 := "lnbc1"
	_, err := Checked(client.CreateWithdrawalWithResponse(context.Background(), &CreateWithdrawalParams{}, CreateWithdrawalJSONRequestBody{Bolt11: &bolt11}))
	return err
}

func TestEveryAnswerThatIsNoneBecomesAnErrorInTime(t *testing.T) {
	write := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	cases := []struct {
		name     string
		answer   http.HandlerFunc
		requests int
	}{
		{"HTML with 200", write(200, "text/html", "<html>"), 1},
		{"HTML with 502", write(502, "text/html", "<html>"), 3},
		{"HTML that calls itself JSON", write(202, "application/json", "<html>"), 1},
		{"a redirect", write(302, "text/html", ""), 1},
		{"a refusal", write(422, "application/json", fmt.Sprintf(refused, "insufficient_funds")), 1},
		{"an error of the server", write(500, "application/json", fmt.Sprintf(refused, "internal_error")), 3},
		{"no end", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 3},
		{"a cut body", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "{")
			panic(http.ErrAbortHandler)
		}, 3},
		{"a limit for an hour", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "3600")
			write(429, "application/json", fmt.Sprintf(refused, "rate_limit_exceeded"))(w, r)
		}, 1},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			client, requests := serve(t, each.answer)
			began := time.Now()
			err := withdraw(client)
			if err == nil || strings.Contains(err.Error(), "lnt_test_x") || time.Since(began) > 5*time.Second {
				t.Fatal(err, time.Since(began))
			}
			if len(*requests) != each.requests {
				t.Fatalf("%d requests in place of %d", len(*requests), each.requests)
			}
			for _, one := range *requests {
				if one != (*requests)[0] || strings.HasPrefix(one, " ") {
					t.Fatalf("other keys or bytes: %q", *requests)
				}
			}
		})
	}
}

func TestARefusalHasItsCode(t *testing.T) {
	client, requests := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(422)
		fmt.Fprintf(w, refused, "insufficient_funds")
	})
	var seen *Refused
	if err := withdraw(client); !errors.As(err, &seen) || seen.Code != "insufficient_funds" || seen.Status != 422 || seen.RequestID != "req_1" {
		t.Fatal(err)
	}
	_ = withdraw(client)
	if (*requests)[0] == (*requests)[1] {
		t.Fatal("two calls have one key")
	}
}

func TestAClientWithoutAKeyIsRefused(t *testing.T) {
	t.Setenv("LNTPAY_API_KEY", " ")
	if _, err := New(Options{}); err == nil {
		t.Fatal("no error")
	}
}
