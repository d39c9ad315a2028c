<?php
// Verifies webhooks with examples/webhooks/verify.php. Standard input and output: as in libraries.py.
require __DIR__ . '/../../../examples/webhooks/verify.php';

function accepts(array $case): bool
{
    try {
        verify_webhook([$case['secret']], $case['headers'], $case['body']);
        return true;
    } catch (UnexpectedValueException) {
        return false;
    }
}

$cases = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
echo json_encode(array_map(fn (array $case) => ['example' => accepts($case)], $cases)), "\n";
