// A net/http service whose reports are paid. What LNTPay adds is between the two markers.
//
//	LNTPAY_BASE_URL=…/v1 LNTPAY_API_KEY=lnt_test_… LNTPAY_GATE=gate_… go run .
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

// What LNTPay answers: whether the request may pass, or the response to send in its place.
type admission struct {
	Allowed   bool
	Status    int
	Challenge struct {
		Lines []string `json:"www_authenticate"`
	}
}

func report(w http.ResponseWriter, r *http.Request) {
	// LNTPay >
	ask, _ := json.Marshal(map[string]string{"method": r.Method, "path": r.URL.EscapedPath(), "authorization": r.Header.Get("Authorization")})
	call, _ := http.NewRequest("POST", os.Getenv("LNTPAY_BASE_URL")+"/gates/"+os.Getenv("LNTPAY_GATE")+"/verify", bytes.NewReader(ask))
	call.Header = http.Header{"Authorization": {"Bearer " + os.Getenv("LNTPAY_API_KEY")}, "Content-Type": {"application/json"}}
	var seen admission
	answer, err := http.DefaultClient.Do(call)
	if err != nil || json.NewDecoder(answer.Body).Decode(&seen) != nil || !seen.Allowed {
		w.Header()["Www-Authenticate"] = seen.Challenge.Lines
		w.WriteHeader(cmp.Or(seen.Status, http.StatusBadGateway))
		return
	}
	// < LNTPay
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\"report\":%q}\n", r.PathValue("number"))
}

func main() {
	http.HandleFunc("GET /reports/{number}", report)
	address := "127.0.0.1:" + cmp.Or(os.Getenv("PORT"), "3000")
	fmt.Println("http://" + address + "/reports/7")
	if err := http.ListenAndServe(address, nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
