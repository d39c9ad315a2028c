<?php

/** $secrets: whsec_… of the endpoint, both during a rotation; $body: file_get_contents('php://input'). Throws unless it is ours. */
function verify_webhook(array $secrets, array $headers, string $body, ?int $now = null): array
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if ($id === '' || !ctype_digit($timestamp)) {
        throw new UnexpectedValueException('webhook headers are missing');
    }
    if (abs(($now ?? time()) - (int) $timestamp) > 300) {
        throw new UnexpectedValueException('webhook-timestamp is not from the last five minutes');
    }
    foreach ($secrets as $secret) {
        $key = base64_decode(substr($secret, strlen('whsec_')));
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
        foreach (explode(' ', $headers['webhook-signature'] ?? '') as $given) {
            if (hash_equals($expected, $given)) {
                return json_decode($body, true, 512, JSON_THROW_ON_ERROR);
            }
        }
    }
    throw new UnexpectedValueException('no webhook signature matches');
}
