//! Servers that lie, hang, cut and answer HTML: an error in time, and the same key and bytes in every attempt.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

type Requests = Arc<Mutex<Vec<String>>>;

/// Sends `answer` to every request, or nothing and keeps the connection where there is none. Returns its address, and the requests.
async fn serve(answer: Option<String>) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Requests::default();
    let seen = requests.clone();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let (seen, answer) = (seen.clone(), answer.clone());
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !String::from_utf8_lossy(&request).ends_with('}') {
                    let mut part = [0; 4096];
                    match connection.read(&mut part).await {
                        Ok(0) | Err(_) => return,
                        Ok(n) => request.extend_from_slice(&part[..n]),
                    }
                }
                seen.lock().unwrap().push(String::from_utf8(request).unwrap());
                match answer {
                    Some(answer) => connection.write_all(answer.as_bytes()).await.unwrap(),
                    None => tokio::time::sleep(Duration::from_secs(30)).await,
                }
            });
        }
    });
    (address, requests)
}

fn answer(status: u16, kind: &str, body: &str, more: &str) -> Option<String> {
    let length = body.len();
    Some(format!("HTTP/1.1 {status} Answer\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n{body}"))
}

fn refusal(status: u16, code: &str, more: &str) -> Option<String> {
    let body = format!(r#"{{"error":{{"code":"{code}","message":"A message.","request_id":"req_1"}}}}"#);
    answer(status, "application/json", &body, more)
}

fn client(address: &str) -> lntpay::Client {
    let options = lntpay::Options::new("lnt_test_x", address);
    let timeout = Duration::from_millis(200);
    lntpay::connect(lntpay::Options { retries: 2, timeout, backoff: Duration::from_millis(1), ..options }).unwrap()
}

async fn withdraw(client: &lntpay::Client, key: &str) -> Result<(), lntpay::Error<lntpay::types::Error>> {
    let asked = client.create_withdrawal().idempotency_key(key).body_map(|body| body.bolt11("lnbc1".to_string()));
    asked.send().await.map(|_| ())
}

#[tokio::test]
async fn every_answer_that_is_none_becomes_an_error_in_time() {
    let cut = answer(200, "application/json", "{}", "").map(|text| text.replace("content-length: 2", "content-length: 90"));
    let cases = [
        ("HTML with 200", answer(200, "text/html", "<html>", ""), 1),
        ("HTML with 502", answer(502, "text/html", "<html>", ""), 3),
        ("another object", answer(202, "application/json", "{}", ""), 1),
        ("a redirect", answer(302, "text/html", "", "location: http://127.0.0.1:1/\r\n"), 1),
        ("no HTTP", Some("SSH-2.0-OpenSSH_9.2\r\n".into()), 3),
        ("a cut body", cut, 3),
        ("no end", None, 3),
        ("a refusal", refusal(422, "insufficient_funds", ""), 1),
        ("an error of the server", refusal(500, "internal_error", ""), 3),
        ("a limit for an hour", refusal(429, "rate_limit_exceeded", "retry-after: 3600\r\n"), 1),
    ];
    for (name, answer, count) in cases {
        let (address, requests) = serve(answer).await;
        let began = Instant::now();
        let error = withdraw(&client(&address), "").await.expect_err(name);
        assert!(began.elapsed() < Duration::from_secs(5), "{name}");
        assert!(!format!("{error:?}").contains("lnt_test_x"), "{name}");
        let requests = requests.lock().unwrap();
        assert_eq!(requests.len(), count, "{name}");
        assert!(requests.iter().all(|one| *one == requests[0]), "{name}: other keys or bytes");
    }
}

#[tokio::test]
async fn a_refusal_has_its_code() {
    let (address, _) = serve(refusal(422, "insufficient_funds", "")).await;
    match withdraw(&client(&address), "").await {
        Err(lntpay::Error::ErrorResponse(refused)) => {
            assert_eq!((refused.status().as_u16(), refused.error.code.as_str()), (422, "insufficient_funds"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn two_calls_have_different_keys_unless_the_caller_keeps_one() {
    let (address, requests) = serve(refusal(422, "insufficient_funds", "")).await;
    let client = client(&address);
    for key in ["", "", "order-7", "order-7"] {
        withdraw(&client, key).await.unwrap_err();
    }
    let requests = requests.lock().unwrap();
    assert_ne!(requests[0], requests[1]);
    assert_eq!(requests[2], requests[3]);
    assert!(requests[2].contains("idempotency-key: order-7"));
}

#[test]
fn the_key_is_not_printed() {
    let options = lntpay::Options::new("lnt_test_x", "http://127.0.0.1:1/v1/");
    assert_eq!(format!("{options:?}"), r#"Options { base_url: "http://127.0.0.1:1/v1", .. }"#);
}
