// A net/http service whose reports are paid. What LNTPay adds is between the two markers.
//
//	LNTPAY_BASE_URL=…/v1 LNTPAY_API_KEY=lnt_test_… LNTPAY_GATE=gate_… go run .
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
)

// What LNTPay answers: whether the request may pass, or the response to send in its place.
type admission struct {
	Allowed      bool
	RedemptionID string `json:"redemption_id"`
	Reservation  uint64
	Status       int
	Challenge    struct {
		Lines []string `json:"www_authenticate"`
	}
}

// post sends JSON to LNTPay and reads its answer; where there is none, nothing is allowed.
func post(path string, body map[string]any) (answer admission) {
	data, _ := json.Marshal(body)
	call, _ := http.NewRequest("POST", os.Getenv("LNTPAY_BASE_URL")+path, bytes.NewReader(data))
	call.Header = http.Header{"Authorization": {"Bearer " + os.Getenv("LNTPAY_API_KEY")}, "Content-Type": {"application/json"}}
	if reply, err := http.DefaultClient.Do(call); err == nil {
		defer reply.Body.Close()
		json.NewDecoder(reply.Body).Decode(&answer)
	}
	return answer
}

func serveReport(w http.ResponseWriter, r *http.Request) {
	// LNTPay >
	ask := map[string]any{"method": r.Method, "path": r.URL.EscapedPath(), "authorization": r.Header.Get("Authorization")}
	seen := post("/gates/"+os.Getenv("LNTPAY_GATE")+"/verify", ask)
	if !seen.Allowed {
		w.Header()["Www-Authenticate"] = seen.Challenge.Lines
		w.WriteHeader(cmp.Or(seen.Status, http.StatusBadGateway))
		return
	}
	end := "/release" // where it returns early, or panics
	defer func() { post("/redemptions/"+seen.RedemptionID+end, map[string]any{"reservation": seen.Reservation}) }()
	// < LNTPay
	text, err := report(r.PathValue("number"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintln(w, text)
	// LNTPay >
	end = "/commit"
	// < LNTPay
}

func report(number string) (string, error) {
	if number == "0" {
		return "", errors.New("report 0 fails, and the payer keeps the use")
	}
	return fmt.Sprintf("{\"report\":%q}", number), nil
}

func main() {
	http.HandleFunc("GET /reports/{number}", serveReport)
	address := "127.0.0.1:" + cmp.Or(os.Getenv("PORT"), "3000")
	fmt.Println("http://" + address + "/reports/7")
	if err := http.ListenAndServe(address, nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
