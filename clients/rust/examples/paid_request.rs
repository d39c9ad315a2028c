//! The first paid request: a gate asks 21 sats, the sandbox's wallet pays, the credential passes once.
//!
//!     set -a; . data/sandbox.env; set +a; cargo run --example paid_request

use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let client = lntpay::connect(lntpay::Options::from_env()?)?;
    let covered = lntpay::types::CreateGateBodyMatch { method: "GET".into(), path: "/reports/*".into() };
    let gate = client.create_gate().body_map(|gate| gate.price_sats(21).match_(covered).commit("explicit".to_string())).send().await?;

    // A request without a credential: the answer is the challenge to send.
    let asked = client.verify_gate().gate(&gate.id).body_map(|visit| visit.path("/reports/7".to_string())).send().await?;
    let challenge = asked.challenge.as_ref().ok_or("no challenge")?;
    println!("status {} price {}", asked.status.unwrap_or_default(), challenge.amount_sats);

    // The payer pays, and proves it.
    let paid = client.pay_sandbox_wallet().body_map(|bill| bill.bolt11(&challenge.bolt11)).send().await?;
    let token = challenge.www_authenticate[0].split('"').nth(1).ok_or("no macaroon")?;
    let credential = format!("L402 {token}:{}", paid.preimage);

    // The same request with the credential: it is served, and the use committed.
    let visit = client.verify_gate().gate(&gate.id);
    let passed = visit.body_map(|visit| visit.path("/reports/7".to_string()).authorization(credential)).send().await?;
    println!("allowed {}", passed.allowed);
    let (redemption, reservation) = passed.redemption_id.as_ref().zip(passed.reservation).ok_or("no reservation")?;
    client.commit_redemption().redemption(redemption).body_map(|end| end.reservation(reservation)).send().await?;
    println!("balance {}", client.get_balance().send().await?.available_sats);
    Ok(())
}
