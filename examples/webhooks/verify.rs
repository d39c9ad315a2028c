use base64::{engine::general_purpose::STANDARD, Engine};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// `secrets`: whsec_… of the endpoint, both during a rotation; `headers(name)`: a header's value; `body`: the raw bytes.
/// Ok only if it is ours.
pub fn verify_webhook<'a>(
    secrets: &[&str],
    headers: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
    now_s: u64,
) -> Result<(), &'static str> {
    let id = headers("webhook-id").ok_or("webhook-id is missing")?;
    let timestamp = headers("webhook-timestamp").ok_or("webhook-timestamp is missing")?;
    let signatures = headers("webhook-signature").ok_or("webhook-signature is missing")?;
    let sent_s: u64 = timestamp.parse().map_err(|_| "webhook-timestamp is not a number")?;
    if now_s.abs_diff(sent_s) > 300 {
        return Err("webhook-timestamp is not from the last five minutes");
    }
    for secret in secrets {
        let shown = secret.strip_prefix("whsec_").unwrap_or(secret);
        let key = STANDARD.decode(shown).map_err(|_| "the secret is not base64")?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| "the secret is empty")?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        for given in signatures.split(' ').filter_map(|each| each.strip_prefix("v1,")) {
            let given = STANDARD.decode(given).unwrap_or_default();
            if mac.clone().verify_slice(&given).is_ok() {
                return Ok(());
            }
        }
    }
    Err("no webhook signature matches")
}
