//! An axum service whose reports are paid. What LNTPay adds is between the two markers.
//!
//!     LNTPAY_BASE_URL=…/v1 LNTPAY_API_KEY=lnt_test_… LNTPAY_GATE=gate_… cargo run

use std::env::var;

use axum::extract::{Path, Request};
use axum::http::{header::WWW_AUTHENTICATE, StatusCode};
use axum::middleware::{from_fn, Next};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{routing::get, Json, Router};
use serde_json::{json, Value};

/// What LNTPay answers: whether the request may pass, or the response to send in its place.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Admission {
    allowed: bool,
    redemption_id: String,
    reservation: u64,
    status: u16,
    challenge: Challenge,
}

#[derive(Default, serde::Deserialize)]
struct Challenge {
    www_authenticate: Vec<String>,
}

// LNTPay >
async fn paid(request: Request, next: Next) -> Result<Response, StatusCode> {
    let ask = json!({"method": request.method().as_str(), "path": request.uri().path(), "authorization": line(&request, "authorization")});
    let seen: Admission = post(format!("/gates/{}/verify", setting("LNTPAY_GATE")), ask).await?;
    if !seen.allowed {
        let lines = seen.challenge.www_authenticate.into_iter().map(|line| (WWW_AUTHENTICATE, line));
        return Ok((StatusCode::from_u16(seen.status).map_err(unavailable)?, AppendHeaders(lines)).into_response());
    }
    let served = tokio::spawn(next.run(request)).await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    let end = if served.status().is_success() { "commit" } else { "release" };
    let _ = post::<Value>(format!("/redemptions/{}/{end}", seen.redemption_id), json!({"reservation": seen.reservation})).await;
    Ok(served)
}
// < LNTPay

/// Sends JSON to LNTPay and reads its answer.
async fn post<T: serde::de::DeserializeOwned>(path: String, body: Value) -> Result<T, StatusCode> {
    let url = setting("LNTPAY_BASE_URL") + &path;
    let call = reqwest::Client::new().post(url).bearer_auth(setting("LNTPAY_API_KEY")).json(&body).send();
    call.await.map_err(unavailable)?.json().await.map_err(unavailable)
}

/// Nothing is served while LNTPay cannot be asked.
fn unavailable<E>(_: E) -> StatusCode {
    StatusCode::BAD_GATEWAY
}

fn line<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|line| line.to_str().ok())
}

fn setting(name: &str) -> String {
    var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

async fn report(Path(number): Path<u32>) -> Json<Value> {
    assert_ne!(number, 0, "Report 0 fails, and the payer keeps the use.");
    Json(json!({"report": number}))
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/reports/{number}", get(report).layer(from_fn(paid)));
    let address = format!("127.0.0.1:{}", var("PORT").unwrap_or_else(|_| "3000".into()));
    let listener = tokio::net::TcpListener::bind(&address).await.expect("the port is free");
    println!("http://{address}/reports/7");
    axum::serve(listener, app).await.expect("the server runs");
}
