// Buys with the L402 client of Lightning Labs' Aperture, unmodified (../README.md): its gRPC interceptor reads the challenge, pays, keeps
// the token, and adds it with the preimage as a caveat to each call. Here a call is an HTTP request. A line may have a form before its URL:
//
//	URL          as the interceptor sends it: Macaroon, in hex
//	rest URL     the same macaroon in Grpc-Metadata-Macaroon, as clients of the REST gateway do
//	lines URL    the lines of l402.SetHeader: Authorization with LSAT, and Authorization with L402
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcutil"
	"github.com/btcsuite/btcd/chaincfg"
	"github.com/lightninglabs/aperture/l402"
	"github.com/lightninglabs/lndclient"
	"github.com/lightningnetwork/lnd/lntypes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// wallet is the sandbox's, as the node that Aperture's client pays with.
type wallet struct {
	lndclient.LightningClient
	payments int
}

func (w *wallet) PayInvoice(ctx context.Context, invoice string, _ btcutil.Amount, _ *uint64) chan lndclient.PaymentResult {
	results := make(chan lndclient.PaymentResult, 1)
	preimage, err := pay(ctx, invoice)
	if err == nil {
		w.payments++
	}
	results <- lndclient.PaymentResult{Err: err, Preimage: preimage}
	return results
}

func pay(ctx context.Context, invoice string) (lntypes.Preimage, error) {
	body, err := json.Marshal(map[string]string{"bolt11": invoice})
	if err != nil {
		return lntypes.Preimage{}, err
	}
	url := os.Getenv("LNTPAY_BASE_URL") + "/sandbox/wallet/pay"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return lntypes.Preimage{}, err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("LNTPAY_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return lntypes.Preimage{}, err
	}
	defer response.Body.Close()
	var paid struct{ Preimage string }
	if err := json.NewDecoder(response.Body).Decode(&paid); err != nil {
		return lntypes.Preimage{}, err
	}
	return lntypes.MakePreimageFromStr(paid.Preimage)
}

// call makes one HTTP request with the fields that the options add, and turns a 402 into Aperture's error for gRPC.
type call struct {
	form  string
	store l402.Store
	reply struct {
		Status   int    `json:"status"`
		Body     string `json:"body"`
		Payments int    `json:"payments"`
	}
}

func (c *call) invoke(ctx context.Context, url string, _, _ any, _ *grpc.ClientConn, options ...grpc.CallOption) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	var trailer *metadata.MD
	for _, option := range options {
		switch given := option.(type) {
		case grpc.TrailerCallOption:
			trailer = given.TrailerAddr
		case grpc.PerRPCCredsCallOption:
			if err := c.authorize(ctx, request, given); err != nil {
				return err
			}
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusPaymentRequired {
		*trailer = metadata.MD{"www-authenticate": response.Header.Values(l402.AuthHeader)}
		return status.Error(l402.GRPCErrCode, l402.GRPCErrMessage)
	}
	body, err := io.ReadAll(response.Body)
	c.reply.Status, c.reply.Body = response.StatusCode, string(body)
	return err
}

func (c *call) authorize(ctx context.Context, request *http.Request, given grpc.PerRPCCredsCallOption) error {
	if c.form == "lines" {
		token, err := c.store.CurrentToken()
		if err != nil {
			return err
		}
		return l402.SetHeader(&request.Header, token.BaseMacaroon(), token.Preimage)
	}
	fields, err := given.Creds.GetRequestMetadata(ctx)
	if err != nil {
		return err
	}
	prefix := map[string]string{"": "", "rest": "Grpc-Metadata-"}[c.form]
	for name, value := range fields {
		request.Header.Set(prefix+name, value)
	}
	return nil
}

func run() error {
	folder, err := os.MkdirTemp("", "lntpay-aperture-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	store, err := l402.NewFileStore(folder)
	if err != nil {
		return err
	}
	paying := &wallet{}
	node := &lndclient.LndServices{Client: paying, ChainParams: &chaincfg.RegressionNetParams}
	interceptor := l402.NewInterceptor(node, store, 30*time.Second, l402.DefaultMaxCostSats, l402.DefaultMaxRoutingFeeSats, true)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		form, url, found := strings.Cut(lines.Text(), " ")
		if !found {
			form, url = "", form
		}
		asked := &call{form: form, store: store}
		if err := interceptor.UnaryInterceptor(context.Background(), url, nil, nil, nil, asked.invoke); err != nil {
			return err
		}
		asked.reply.Payments = paying.payments
		if err := json.NewEncoder(os.Stdout).Encode(asked.reply); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
