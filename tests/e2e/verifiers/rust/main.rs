// Verifies webhooks with examples/webhooks/verify.rs, which the test puts beside this file. Standard input and output: as in
// ../libraries.py.
mod verify;

use serde_json::Value;

fn main() {
    let cases: Vec<Value> = serde_json::from_reader(std::io::stdin()).expect("cases");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("now").as_secs();
    let accepts = |case: &Value| {
        let secret = case["secret"].as_str().expect("secret");
        let body = case["body"].as_str().expect("body").as_bytes();
        verify::verify_webhook(&[secret], |name| case["headers"][name].as_str(), body, now).is_ok()
    };
    let results: Vec<Value> = cases.iter().map(|case| serde_json::json!({ "example": accepts(case) })).collect();
    println!("{}", Value::from(results));
}
