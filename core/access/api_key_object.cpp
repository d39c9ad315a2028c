// The JSON of an API key.
#include "core/access/api_key_object.hpp"

namespace lntpay {

std::string key_json(const ApiKey& key) { return api_key_object.text({key}); }

std::string key_json(const ApiKey& key, std::string_view text) { return api_key_object.text({key, text}); }

}  // namespace lntpay
