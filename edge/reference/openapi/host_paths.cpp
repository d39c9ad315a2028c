// /healthz, /metrics, and the files of reference/ (resources.mjs lists them).
#include "edge/reference/openapi/host_paths.hpp"

namespace lntpay::openapi {
namespace {

struct HostPath {
  std::string_view path;
  std::string_view id;
  std::string_view summary;
  std::string_view media;
};

constexpr HostPath host_paths[] = {
    {"/healthz", "getHealth", "Whether the host runs", "text/plain; charset=utf-8"},
    {"/metrics", "getMetrics", "Counters and gauges for Prometheus; of `lntpay serve`", "text/plain; version=0.0.4; charset=utf-8"},
    {"/openapi.json", "getOpenapi", "This document, OpenAPI 3.1", "application/json"},
    {"/openapi-3.0.json", "getOpenapi30", "This document for tools that need OpenAPI 3.0", "application/json"},
    {"/docs", "getDocs", "The reference, a page", "text/html; charset=utf-8"},
    {"/llms.txt", "getLlms", "What a coding agent reads first", "text/plain; charset=utf-8"},
    {"/llms-full.txt", "getLlmsFull", "The rules of an integration, for coding agents", "text/plain; charset=utf-8"},
};

}  // namespace

void add_host_paths(Node& paths) {
  for (const auto& [path, id, summary, media] : host_paths) {
    const Node schema{{"type", media == "application/json" ? "object" : "string"}};
    const Node ok{{"description", "The content."}, {"content", {{text_of(media), {{"schema", schema}}}}}};
    paths[text_of(path)]["get"] = Node{{"operationId", id},         {"summary", summary},         {"tags", Node::array({"Host"})},
                                       {"security", Node::array()}, {"responses", {{"200", ok}}}, {"x-served-by", "host"}};
  }
}

}  // namespace lntpay::openapi
