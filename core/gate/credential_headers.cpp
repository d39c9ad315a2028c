// One reader for each name. Folded lines are split only where a scheme begins, because parameters of schemes contain commas.
#include "core/gate/credential_headers.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/gate/credential.hpp"
#include "core/storage/row.hpp"

namespace lntpay {
namespace {

/// The form of a scheme's credentials; nullopt: not for gates, or not known.
struct KnownScheme {
  std::string_view word;
  std::optional<CredentialForm> form{};
};
constexpr KnownScheme known_schemes[] = {
    {"l402", CredentialForm::l402},
    {"lsat", CredentialForm::l402},
    {"payment", CredentialForm::payment},
    {"bearer"},
    {"basic"},
    {"digest"},
};

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

const KnownScheme* scheme_of(std::string_view piece) {
  const auto* known = std::ranges::find_if(
      known_schemes, [&](const KnownScheme& each) { return equal_ignoring_case(each.word, first_word(piece)); });
  return known == std::ranges::end(known_schemes) ? nullptr : known;
}

/// Cuts the first credential off a line: a comma ends it where a known scheme's word and a space follow.
std::string_view cut_piece(std::string_view& line) {
  for (auto comma = line.find(','); comma != std::string_view::npos; comma = line.find(',', comma + 1)) {
    const auto next = trimmed(line.substr(comma + 1));
    if (!next.contains(' ') || scheme_of(next) == nullptr) continue;
    const auto piece = trimmed(line.substr(0, comma));
    line = next;
    return piece;
  }
  return trimmed(std::exchange(line, {}));
}

class CredentialReader {
 public:
  explicit CredentialReader(bool has_payment_authorization) : authorization_is_the_services_(has_payment_authorization) {}

  void read(const Header& line) {
    if (line.name == "authorization") return authorization_is_the_services_ ? forward(line) : read_schemes(line);
    if (line.name == "payment-authorization") return read_payment(line.value);
    if (line.name == "macaroon" || line.name == "grpc-metadata-macaroon") return read_macaroon(line);
    if (line.name == "cookie") return read_cookies(line);
  }
  CredentialHeaders take() && { return std::move(found_); }

 private:
  void forward(const Header& line) { found_.rest.push_back(line); }
  void add(CredentialForm form, std::string_view text) {
    const CredentialText credential{form, trimmed(text)};
    if (!std::ranges::contains(found_.credentials, credential)) found_.credentials.push_back(credential);
  }
  /// Whether the piece is a credential for gates; it is then added.
  bool take(std::string_view piece) {
    const auto* scheme = scheme_of(piece);
    if (scheme == nullptr || !scheme->form) return false;
    add(*scheme->form, piece.substr(first_word(piece).size()));
    return true;
  }

  void read_schemes(const Header& line) {
    std::string kept;
    bool taken = false;
    for (std::string_view rest = line.value; !rest.empty();) {
      const auto piece = cut_piece(rest);
      if (take(piece)) {
        taken = true;
      } else {
        kept.append(kept.empty() ? "" : ", ").append(piece);
      }
    }
    if (!taken) return forward(line);
    if (!kept.empty()) forward({line.name, std::move(kept)});
  }
  void read_payment(std::string_view rest) {
    while (!rest.empty()) {
      const auto piece = cut_piece(rest);
      if (!take(piece)) add(CredentialForm::payment, piece);
    }
  }
  /// Other services have macaroons of their own, which are theirs.
  void read_macaroon(const Header& line) {
    const auto text = trimmed(line.value);
    const auto binary = hex_decode(ascii_lower(text));
    const auto macaroon = binary ? Macaroon::parse(*binary) : Result<Macaroon>(fail(ErrorCode::unauthenticated));
    if (!macaroon || !identified_hash(macaroon->identifier())) return forward(line);
    add(CredentialForm::macaroon, text);
  }
  void read_cookies(const Header& line) {
    std::string kept;
    for (std::string_view rest = line.value; !rest.empty();) {
      const auto cookie = trimmed(row::cut(rest, ';'));
      if (cookie.empty() || cookie.starts_with(gate_cookie_prefix)) continue;
      kept.append(kept.empty() ? "" : "; ").append(cookie);
    }
    if (!kept.empty()) forward({line.name, std::move(kept)});
  }

  bool authorization_is_the_services_;
  CredentialHeaders found_;
};

}  // namespace

CredentialHeaders read_credential_headers(const std::vector<Header>& headers) {
  CredentialReader reader(std::ranges::contains(headers, std::string_view("payment-authorization"), &Header::name));
  for (const auto& line : headers) reader.read(line);
  return std::move(reader).take();
}

}  // namespace lntpay
