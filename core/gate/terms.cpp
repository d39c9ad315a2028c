// One table for both forms: the name of each term, its text and its narrowing rule.
#include "core/gate/terms.hpp"

#include <algorithm>
#include <optional>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/json_reader.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

constexpr std::string_view any_method = "*";
constexpr std::string_view unlimited = "*";
constexpr std::string_view size_term = "size";  ///< the only one that a token may lack
constexpr std::string_view below = "/*";

/// "" for the root.
std::string_view without_slash(std::string_view path) { return path.ends_with('/') ? path.substr(0, path.size() - 1) : path; }

bool is_unreserved(char c) { return is_digit(c) || is_letter(c) || std::string_view("-._~").contains(c); }

/// Whether the percent-encoding at the start of `text` is necessary: the character may not appear unencoded.
bool is_needed_code(std::string_view text) {
  constexpr unsigned del = 0x7f;
  if (text.size() < 3) return false;
  const auto high = hex_digit(text[1]), low = hex_digit(text[2]);
  if (!high || !low) return false;
  const auto byte = *high * 16 + *low;
  const auto c = static_cast<char>(byte);
  return byte >= ' ' && byte != del && c != '/' && c != '\\' && !is_unreserved(c);
}

/// A path that every server interprets in the same way.
bool is_plain(std::string_view path) {
  if (!path.starts_with('/') || path.find_first_of("\\?#") != std::string_view::npos) return false;
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    if (!is_needed_code(path.substr(at))) return false;
  }
  for (auto rest = path.substr(1);;) {
    const auto end = rest.find('/');
    const auto segment = rest.substr(0, end);
    if (segment == "." || segment == "..") return false;
    if (end == std::string_view::npos) return true;
    if (segment.empty()) return false;
    rest.remove_prefix(end + 1);
  }
}

std::string seconds_of(UnixMillis at) { return std::to_string(at.value / 1'000); }

/// A term in a token. `take` parses it; a repeated one may only narrow. Yields whether it is valid.
struct Term {
  std::string_view name;
  std::string (*text)(const Terms&);
  bool (*take)(Terms&, std::string_view text, bool repeated);
};

template <auto Member>
bool take_same(Terms& terms, std::string_view text, bool repeated) {
  auto read = terms.*Member;
  if (!row::read(text, read)) return false;
  if (repeated) return read == terms.*Member;
  terms.*Member = std::move(read);
  return true;
}

bool take_method(Terms& terms, std::string_view text, bool repeated) {
  RequestMatch narrower{std::string(text), terms.match.path};
  if (text.empty() || (repeated && !terms.match.covers(narrower))) return false;
  terms.match = std::move(narrower);
  return true;
}

bool take_path(Terms& terms, std::string_view text, bool repeated) {
  RequestMatch narrower{terms.match.method, std::string(text)};
  if (!is_plain(text) || (repeated && !terms.match.covers(narrower))) return false;
  terms.match = std::move(narrower);
  return true;
}

bool take_uses(Terms& terms, std::string_view text, bool repeated) {
  std::optional<std::uint64_t> uses;
  if (text != unlimited && (!row::read(text, uses.emplace()) || *uses == 0)) return false;
  if (repeated) return uses == terms.uses;
  terms.uses = uses;
  return true;
}

bool take_valid_until(Terms& terms, std::string_view text, bool repeated) {
  std::uint64_t unix_s = 0;
  if (!row::read(text, unix_s) || unix_s > unix_millis_max.value / 1'000) return false;
  const UnixMillis at{unix_s * 1'000};
  if (repeated && at > terms.valid_until) return false;
  terms.valid_until = at;
  return true;
}

bool take_size(Terms& terms, std::string_view text, bool /*repeated*/) {
  std::uint64_t size = 0;
  if (!row::read(text, size) || (terms.size && size > *terms.size)) return false;
  terms.size = size;
  return true;
}

/// In the order of canonical JSON.
constexpr std::array table{
    Term{"environment", [](const Terms& t) { return std::string(name_of(t.environment)); }, take_same<&Terms::environment>},
    Term{"gate", [](const Terms& t) { return t.gate.text(); }, take_same<&Terms::gate>},
    Term{"method", [](const Terms& t) { return t.match.method; }, take_method},
    Term{"mode", [](const Terms& t) { return std::string(name_of(t.mode)); }, take_same<&Terms::mode>},
    Term{"path", [](const Terms& t) { return t.match.path; }, take_path},
    Term{"price_msat", [](const Terms& t) { return std::to_string(t.price.value); }, take_same<&Terms::price>},
    Term{size_term, [](const Terms& t) { return t.size ? std::to_string(*t.size) : std::string(); }, take_size},
    Term{"uses", [](const Terms& t) { return t.uses ? std::to_string(*t.uses) : std::string(unlimited); }, take_uses},
    Term{"valid_until", [](const Terms& t) { return seconds_of(t.valid_until); }, take_valid_until},
};

/// Parses the terms in sequence, and checks that all are present.
class Reader {
 public:
  Result<> take(std::string_view name, std::string_view text) {
    const auto term = std::ranges::find(table, name, &Term::name);
    if (term == table.end()) return refused("has an unknown condition", name);
    auto& seen = seen_[static_cast<std::size_t>(term - table.begin())];
    if (!term->take(terms_, text, seen)) return refused(seen ? "widens the condition" : "has an invalid value for", name);
    seen = true;
    return {};
  }
  Result<Terms> end() {
    for (std::size_t i = 0; i < table.size(); ++i) seen_[i] = seen_[i] || table[i].name == size_term;
    const auto missing = std::ranges::find(seen_, false);
    if (missing != seen_.end())
      return std::unexpected(refused("lacks", table[static_cast<std::size_t>(missing - seen_.begin())].name).error());
    return std::move(terms_);
  }

 private:
  static Result<> refused(std::string_view why, std::string_view name) {
    // The name may be anything that a client wrote: it is cut, and JSON escapes the rest.
    constexpr std::size_t shown = 40;
    return fail(ErrorCode::unauthenticated, "The token " + std::string(why) + ": " + std::string(name.substr(0, shown)) +
                                                ". Present it as it was issued, or narrowed.");
  }

  Terms terms_;
  std::array<bool, table.size()> seen_{};
};

}  // namespace

bool is_same_path(std::string_view a, std::string_view b) { return without_slash(a) == without_slash(b); }

bool RequestMatch::covers(const RequestMatch& other) const {
  if (method != any_method && method != other.method) return false;
  if (is_same_path(path, other.path)) return true;
  if (!path.ends_with(below)) return false;
  const auto stem = std::string_view(path).substr(0, path.size() - below.size());
  return is_same_path(stem, other.path) || (other.path.starts_with(stem) && other.path.substr(stem.size()).starts_with('/'));
}

RequestMatch priced_request(const RequestMatch& gate, RequestMatch asked) {
  if (asked.method == "HEAD" && gate.method != asked.method) asked.method = "GET";
  return asked;
}

std::string fingerprint_of(const RequestMatch& request, std::string_view query) {
  constexpr std::size_t digits = 32;
  auto text = request.method + " " + std::string(without_slash(request.path));
  if (!query.empty()) text.append("?").append(query);
  return hex(sha256(bytes_of(text))).substr(0, digits);
}

bool is_gate_match(const RequestMatch& match) {
  const auto letters = std::ranges::all_of(match.method, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (match.method != any_method && (match.method.empty() || !letters)) return false;
  auto path = std::string_view(match.path);
  if (path.ends_with(below)) path.remove_suffix(1);
  return is_plain(path) && std::ranges::all_of(path, [](char c) { return c == '/' || is_unreserved(c); });
}

Result<RequestMatch> request_match(std::string_view method, std::string_view raw_path) {
  if (!is_plain(raw_path) || raw_path.ends_with(below)) {
    return fail(
        ErrorCode::invalid_request,
        "The path is ambiguous. Use no empty, `.` or `..` segment, no backslash, and percent-encoding only where necessary.");
  }
  return RequestMatch{std::string(method), std::string(raw_path)};
}

bool is_within(const Terms& shown, const Terms& sold) {
  return shown.environment == sold.environment && shown.gate == sold.gate && shown.price == sold.price && shown.mode == sold.mode &&
         shown.uses == sold.uses && shown.valid_until <= sold.valid_until && sold.match.covers(shown.match) &&
         (!sold.size || (shown.size && *shown.size <= *sold.size));
}

std::vector<std::string> caveats_of(const Terms& terms) {
  std::vector<std::string> caveats;
  for (const auto& term : table) {
    if (auto text = term.text(terms); !text.empty()) caveats.push_back(std::string(term.name) + "=" + text);
  }
  return caveats;
}

Result<Terms> terms_of(const std::vector<std::string>& caveats) {
  Reader reader;
  for (const std::string_view caveat : caveats) {
    const auto at = caveat.find('=');
    const auto value = at == std::string_view::npos ? std::string_view{} : caveat.substr(at + 1);
    if (auto taken = reader.take(caveat.substr(0, at), value); !taken) return std::unexpected(std::move(taken.error()));
  }
  return reader.end();
}

std::string terms_json(const Terms& terms) {
  JsonObject json;
  for (const auto& term : table) {
    if (const auto text = term.text(terms); !text.empty()) json.add(term.name, text);
  }
  return json.text();
}

Result<Terms> terms_of_json(const Json& json) {
  Reader reader;
  for (const auto& member : json.members) {
    if (auto taken = reader.take(member.name, member.value.text); !taken) return std::unexpected(std::move(taken.error()));
  }
  return reader.end();
}

}  // namespace lntpay
