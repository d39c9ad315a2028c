// OpenSSL behind libcurl: verification calls back with the certificate.
#include "host-adapters/server/outbound/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "host-adapters/server/outbound/resolver.hpp"

namespace lntpay::host {
namespace {

constexpr std::size_t name_bytes_max = 200;  // an attacker's may be long
constexpr std::size_t names_bytes_max = 120;

template <auto free>
struct FreeByOpenssl {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using BioPointer = std::unique_ptr<BIO, FreeByOpenssl<BIO_free>>;
using X509Pointer = std::unique_ptr<X509, FreeByOpenssl<X509_free>>;

/// The DER form of a certificate or key.
Bytes der_form(const auto* object, auto write) {
  const int size = write(object, nullptr);
  Bytes der(static_cast<std::size_t>(std::max(size, 0)));
  auto* to = der.data();
  if (size > 0) write(object, &to);
  return der;
}

std::string name_text(const X509_NAME* name) {
  const BioPointer out(BIO_new(BIO_s_mem()));
  if (!out) return {};
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);  // control characters are escaped
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &bytes);
  return std::string(bytes, std::min(static_cast<std::size_t>(std::max(size, 0L)), name_bytes_max));
}

/// "AB:CD:…"
std::string fingerprint_of(const X509* certificate) {
  std::string text;
  for (const auto byte : sha256(der_form(certificate, i2d_X509))) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    if (!text.empty()) text += ':';
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::string time_text(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return "?";
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &fields);
  return text.data();
}

CertificateFacts facts_of(const X509* certificate) {
  return {
      .text = name_text(X509_get_subject_name(certificate)) + ", SHA-256 " + fingerprint_of(certificate) + ", valid until " +
              time_text(X509_get0_notAfter(certificate)),
      .public_key = "sha256//" + base64(Base64::standard, sha256(der_form(X509_get_X509_PUBKEY(certificate), i2d_X509_PUBKEY)))};
}

/// A DNS name or an address; empty for names of other kinds and for those with unusual bytes.
std::string name_text(const GENERAL_NAME& name) {
  if (name.type != GEN_DNS && name.type != GEN_IPADD) return {};
  const auto* value = name.type == GEN_DNS ? name.d.dNSName : name.d.iPAddress;
  const auto* bytes = ASN1_STRING_get0_data(value);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
  if (name.type == GEN_IPADD) return address_text({bytes, size});
  std::string text(bytes, bytes + size);
  const auto is_usual = [](char c) { return c > ' ' && c < '\x7f' && c != ','; };
  return std::ranges::all_of(text, is_usual) ? text : std::string();
}

/// The names that clients accept the certificate for, cut where they are many; without any, its subject.
std::string names_of(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, FreeByOpenssl<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto name = name_text(*sk_GENERAL_NAME_value(names.get(), i));
    if (name.empty()) continue;
    if (text.size() + name.size() > names_bytes_max) return text.empty() ? "…" : text + ", …";
    text.append(text.empty() ? "" : ", ").append(name);
  }
  return text.empty() ? name_text(X509_get_subject_name(certificate)) : text;
}

/// Why the verification failed; it stopped at the current certificate, which may be an issuer's.
std::string failure_of(X509_STORE_CTX* store) {
  const int error = X509_STORE_CTX_get_error(store);
  const auto* at = X509_STORE_CTX_get_current_cert(store);
  if (at == nullptr) return std::string("certificate refused: ") + X509_verify_cert_error_string(error);
  const std::string which = X509_STORE_CTX_get_error_depth(store) == 0 ? "certificate" : "an issuer's certificate";
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return which + " expired on " + time_text(X509_get0_notAfter(at));
    case X509_V_ERR_CERT_NOT_YET_VALID: return which + " is not valid before " + time_text(X509_get0_notBefore(at));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "self-signed certificate";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "certificate of an authority that is not trusted: " + name_text(X509_get_subject_name(at));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "certificate of an unknown issuer: " + name_text(X509_get_issuer_name(at));
    default: return which + " refused: " + X509_verify_cert_error_string(error);
  }
}

using SharedPresented = std::shared_ptr<Presented>;

/// The index of a context's SharedPresented. Connections outlive their first transfer, so the context owns one.
int context_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* shared, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<SharedPresented*>(shared); });
  return index;
}

void note_certificate(X509_STORE_CTX* store, bool verified) {
  const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* certificate = X509_STORE_CTX_get0_cert(store);
  if (ssl == nullptr || certificate == nullptr) return;
  const auto* shared = static_cast<SharedPresented*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index()));
  if (shared == nullptr) return;
  **shared = {.certificate = facts_of(certificate),
              .problem = verified ? "" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)),
              .failure = verified ? "" : failure_of(store),
              .names = names_of(certificate)};
}

/// OpenSSL's own verification, and the note.
int verify_and_note(X509_STORE_CTX* store, void*) {
  const int verified = std::max(X509_verify_cert(store), 0);
  try {
    note_certificate(store, verified == 1);
  } catch (...) {
    return verified;  // no exception may pass through OpenSSL; without a note the reason is libcurl's
  }
  return verified;
}

CURLcode prepare_context(CURL*, void* context, void* presented) {
  auto* tls = static_cast<SSL_CTX*>(context);
  auto shared = std::make_unique<SharedPresented>(*static_cast<SharedPresented*>(presented));
  if (SSL_CTX_set_ex_data(tls, context_index(), shared.get()) != 1) return CURLE_OUT_OF_MEMORY;
  [[maybe_unused]] const auto* owned_by_context = shared.release();
  SSL_CTX_set_cert_verify_callback(tls, verify_and_note, nullptr);
  return CURLE_OK;
}

}  // namespace

CertificateFacts certificate_in(const std::string& pem) {
  const BioPointer in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Pointer certificate(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();  // libcurl reads the same queue
  return certificate ? facts_of(certificate.get()) : CertificateFacts{};
}

void record_presented(CURL* easy, std::shared_ptr<Presented>& presented) {
  const char* library = curl_version_info(CURLVERSION_NOW)->ssl_version;
  if (library == nullptr || !std::string_view(library).starts_with("OpenSSL/")) return;
  presented = std::make_shared<Presented>();
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_context);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &presented);
}

std::string certificate_failure(const Presented& presented) {
  return presented.failure.empty() ? "certificate for other names: " + presented.names : presented.failure;
}

std::string certificate_refusal(const Presented& presented, const Upstream& upstream) {
  const auto& certificate = presented.certificate;
  const auto& problem = presented.problem;
  if (!upstream.public_key.empty()) {
    return "the node's certificate has another key than --lnd-public-key: it has " + certificate.public_key + " (" +
           certificate.text + "), configured is " + upstream.public_key;
  }
  std::string text =
      "the node's certificate is refused: " + (problem.empty() ? "it does not name the host of --lnd-url" : problem) + "; it is " +
      certificate.text;
  const auto configured = certificate_in(upstream.certificate).text;
  if (configured.empty()) return text + "; without --lnd-certificate the system's roots are trusted";
  return text + "; --lnd-certificate is " + (configured == certificate.text ? "the same" : configured);
}

}  // namespace lntpay::host
