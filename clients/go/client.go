// Package lntpay is a client of LNTPay's API. Operations and types are generated from its OpenAPI document (lntpay.gen.go, made by
// clients/go/build.sh); this file adds what generators miss: the key, Idempotency-Keys, and retries that never pay twice.
package lntpay

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// APIVersion is the version of the API that this client was generated from, which every request names.
const APIVersion = "2026-11-01"

const (
	answerBytesMax = 32 << 20
	retryAfterMax  = time.Minute
	backoffMax     = 8 * time.Second
)

// Options of a client; the zero value takes LNTPAY_API_KEY and LNTPAY_BASE_URL, or the sandbox of `make run`.
type Options struct {
	APIKey  string
	BaseURL string
	// Retries of a request without a complete answer (default: 3; negative: none). They carry the same Idempotency-Key.
	Retries int
	// Timeout of each attempt (default: 30 s; 55 s where the request waits).
	Timeout time.Duration
	// Backoff before the first retry (default: 250 ms); it doubles with each.
	Backoff time.Duration
	HTTP    *http.Client
}

// New makes a client.
func New(options Options) (*ClientWithResponses, error) {
	key := strings.TrimSpace(cmp.Or(options.APIKey, os.Getenv("LNTPAY_API_KEY")))
	if key == "" {
		return nil, errors.New("lntpay: there is no API key: set APIKey or LNTPAY_API_KEY")
	}
	base := cmp.Or(options.BaseURL, os.Getenv("LNTPAY_BASE_URL"), "http://127.0.0.1:8402/v1")
	options.Retries = cmp.Or(options.Retries, 3)
	options.Timeout = cmp.Or(options.Timeout, 30*time.Second)
	options.Backoff = cmp.Or(options.Backoff, 250*time.Millisecond)
	inner := http.Client{}
	if options.HTTP != nil {
		inner = *options.HTTP
	}
	inner.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return NewClientWithResponses(base, WithHTTPClient(&doer{key: key, options: options, http: &inner}))
}

// NewKey returns an Idempotency-Key. Keep it until the operation has an answer: the same key and body never act twice.
func NewKey() string { return uuid.NewString() }

// Answer is what every operation returns; JSONDefault is the error of a refused request.
type Answer interface {
	StatusCode() int
	GetBody() []byte
	GetJSONDefault() *Error
}

// Refused is the error of a request that the API refused.
type Refused struct {
	Status int
	ErrorDetail
}

func (r *Refused) Error() string {
	return fmt.Sprintf("lntpay: %d %s: %s (%s)", r.Status, r.Code, r.Message, r.RequestID)
}

// Checked makes an error of an answer that is not 2xx, or that is not one of LNTPay. It takes what an operation returns.
func Checked[A Answer](answer A, err error) (A, error) {
	if err != nil {
		return answer, err
	}
	status := answer.StatusCode()
	if refused := answer.GetJSONDefault(); refused != nil && (status < 200 || status > 299) {
		return answer, &Refused{status, refused.Error}
	}
	if body := answer.GetBody(); status < 200 || status > 299 || !json.Valid(body) {
		return answer, fmt.Errorf("lntpay: %d, and no JSON of LNTPay: check the base URL, and proxies between you and it", status)
	}
	return answer, nil
}

type doer struct {
	key     string
	options Options
	http    *http.Client
}

// Do sends a request until there is a complete answer, with the same bytes and key.
func (d *doer) Do(request *http.Request) (*http.Response, error) {
	request.Header.Set("Authorization", "Bearer "+d.key)
	request.Header.Set("LNTPay-Version", APIVersion)
	if request.Method == http.MethodPost && request.Header.Get("Idempotency-Key") == "" {
		request.Header.Set("Idempotency-Key", NewKey())
	}
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
	}
	for attempt := 0; ; attempt++ {
		response, err := d.attempt(request, body)
		delay, again := d.delay(request.Context(), response, err, attempt)
		if !again {
			return response, err
		}
		select {
		case <-request.Context().Done():
			return response, err
		case <-time.After(delay):
		}
	}
}

// attempt reads the whole answer, so that one that is cut counts as none.
func (d *doer) attempt(request *http.Request, body []byte) (*http.Response, error) {
	timeout := d.options.Timeout
	if request.URL.Query().Has("wait") {
		timeout += 25 * time.Second
	}
	limited, cancel := context.WithTimeout(request.Context(), timeout)
	defer cancel()
	sent := request.Clone(limited)
	if body != nil {
		sent.Body = io.NopCloser(bytes.NewReader(body))
		sent.ContentLength = int64(len(body))
	}
	response, err := d.http.Do(sent)
	if err != nil {
		return nil, fmt.Errorf("lntpay: no answer, so the request may have been carried out: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerBytesMax+1))
	if err == nil && len(answer) > answerBytesMax {
		return nil, fmt.Errorf("lntpay: the answer is larger than %d bytes", answerBytesMax)
	}
	if err != nil {
		return nil, fmt.Errorf("lntpay: a part of an answer, so the request may have been carried out: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	return response, nil
}

// delay before the next attempt, and whether there is one.
func (d *doer) delay(limit context.Context, response *http.Response, err error, attempt int) (time.Duration, bool) {
	if attempt >= d.options.Retries || limit.Err() != nil {
		return 0, false
	}
	backoff := min(backoffMax, d.options.Backoff<<attempt)
	backoff -= time.Duration(rand.Int64N(int64(backoff/2) + 1))
	if err != nil {
		return backoff, true
	}
	switch status := response.StatusCode; {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500:
	case status == http.StatusConflict && response.Header.Get("Retry-After") != "": // the first request is still running
	default:
		return 0, false
	}
	asked := time.Duration(0)
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		asked = time.Duration(min(seconds, 86_400)) * time.Second
	}
	return max(backoff, asked), asked <= retryAfterMax
}
