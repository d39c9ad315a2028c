// A client's request as a service describes it to `challenge` and `verify`.
#pragma once
#include "edge/gate/gate_check.hpp"
#include "edge/http/schema.hpp"

namespace lntpay {

inline constexpr Field described_method{.name = "method",
                                        .type = FieldType::text,
                                        .description = "Of the request; default: the method of the gate.",
                                        .max = 20,
                                        .form = "http_method"};
inline constexpr Field described_path{.name = "path",
                                      .type = FieldType::text,
                                      .description = "Of the request, as received; default: the path of the gate.",
                                      .max = 8'192,
                                      .form = "request_path"};
inline constexpr Field described_client{.name = "client",
                                        .type = FieldType::text,
                                        .description =
                                            "Identifies the client, whose open unpaid challenges are then limited: its address, "
                                            "of IPv6 all of its /64, or your name for it. Default: only the gate's are.",
                                        .max = 255};
inline constexpr Field described_size{
    .name = "size",
    .type = FieldType::integer,
    .description = "Of the request's body, in bytes, for a gate with a price_url; default: unknown.",
    .min = 0,
    .max = 9'007'199'254'740'991};
inline constexpr Field described_authorization{
    .name = "authorization",
    .type = FieldType::text,
    .description = "The client's Authorization header, as received; empty: it sent none.",
    .min = 0,
    .max = 16'384};
inline constexpr Field described_headers{
    .name = "headers",
    .type = FieldType::object,
    .description =
        "The client's headers by name: a text, or a list of texts for several lines. Those that can hold a credential are "
        "read (Authorization, Payment-Authorization, Macaroon, Grpc-Metadata-Macaroon, Cookie).",
    .max = 32'768};

/// The visit that a body of these fields describes; its path may have a query. Fails with invalid_request: the gate guards many
/// requests and the body names none, or the path or a header is not good.
Result<Visit> described_visit(const Body& body, const Gate& gate);

}  // namespace lntpay
