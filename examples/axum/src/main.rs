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
#[derive(serde::Deserialize)]
struct Admission {
    allowed: bool,
    #[serde(default)]
    status: u16,
    challenge: Option<Challenge>,
}

#[derive(serde::Deserialize)]
struct Challenge {
    www_authenticate: Vec<String>,
}

// LNTPay >
async fn paid(request: Request, next: Next) -> Result<Response, StatusCode> {
    let authorization = request.headers().get("authorization").and_then(|line| line.to_str().ok());
    let ask = json!({"method": request.method().as_str(), "path": request.uri().path(), "authorization": authorization});
    let url = format!("{}/gates/{}/verify", setting("LNTPAY_BASE_URL"), setting("LNTPAY_GATE"));
    let call = reqwest::Client::new().post(url).bearer_auth(setting("LNTPAY_API_KEY")).json(&ask).send();
    let seen: Admission = call.await.map_err(unavailable)?.json().await.map_err(unavailable)?;
    if seen.allowed {
        return Ok(next.run(request).await);
    }
    let lines: Vec<_> = seen.challenge.into_iter().flat_map(|it| it.www_authenticate).map(|line| (WWW_AUTHENTICATE, line)).collect();
    Ok((StatusCode::from_u16(seen.status).map_err(unavailable)?, AppendHeaders(lines)).into_response())
}
// < LNTPay

/// Nothing is served while LNTPay cannot be asked.
fn unavailable<E>(_: E) -> StatusCode {
    StatusCode::BAD_GATEWAY
}

fn setting(name: &str) -> String {
    var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

async fn report(Path(number): Path<u32>) -> Json<Value> {
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
