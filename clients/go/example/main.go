// The first paid request: a gate asks 21 sats, the sandbox's wallet pays, the credential passes once.
//
//	set -a; . data/sandbox.env; set +a; go run ./example
package main

import (
	"context"
	"fmt"
	"log"
	"regexp"

	"lntpay"
)

func main() {
	ctx, path := context.Background(), "/reports/7"
	explicit := "explicit"
	client := must(lntpay.New(lntpay.Options{}))
	ask := lntpay.CreateGateJSONRequestBody{PriceSats: 21, Commit: &explicit}
	ask.Match.Method, ask.Match.Path = "GET", "/reports/*"
	gate := must(lntpay.Checked(client.CreateGateWithResponse(ctx, nil, ask))).JSON201

	// A request without a credential: the answer is the challenge to send.
	asked := must(lntpay.Checked(client.VerifyGateWithResponse(ctx, gate.ID, nil, lntpay.VerifyGateJSONRequestBody{Path: &path}))).JSON200
	fmt.Println("status", *asked.Status, "price", asked.Challenge.AmountSats)

	// The payer pays, and proves it.
	paid := must(lntpay.Checked(client.PaySandboxWalletWithResponse(ctx, nil, lntpay.PaySandboxWalletJSONRequestBody{Bolt11: asked.Challenge.Bolt11}))).JSON200
	token := regexp.MustCompile(`macaroon="([^"]+)"`).FindStringSubmatch(asked.Challenge.WwwAuthenticate[0])[1]
	credential := "L402 " + token + ":" + paid.Preimage

	// The same request with the credential: it is served, and the use committed.
	passed := must(lntpay.Checked(client.VerifyGateWithResponse(ctx, gate.ID, nil, lntpay.VerifyGateJSONRequestBody{Path: &path, Authorization: &credential}))).JSON200
	fmt.Println("allowed", passed.Allowed)
	must(lntpay.Checked(client.CommitRedemptionWithResponse(ctx, *passed.RedemptionID, nil, lntpay.CommitRedemptionJSONRequestBody{Reservation: *passed.Reservation})))
	balance := must(lntpay.Checked(client.GetBalanceWithResponse(ctx))).JSON200
	fmt.Println("balance", balance.AvailableSats)
}

func must[A any](answer A, err error) A {
	if err != nil {
		log.Fatal(err)
	}
	return answer
}
