// With the edge's errors and headers.
#include "host-adapters/server/engine/refusal_response.hpp"

#include "core/storage/shard.hpp"
#include "edge/http/answer.hpp"

namespace lntpay::host {

std::string request_id_at(const Moment& at) {
  Random random(at.entropy);
  return RequestId::generate(Shard{}, at.now, random).text();
}

Response own_refusal(Refusal why, const Moment& at) {
  const auto id = request_id_at(at);
  auto response = error_answer(error_of(why), id);
  finish(response, id);
  return response;
}

}  // namespace lntpay::host
