// SHA-256 and HMAC against published values, whole and in pieces.
#include "core/crypto/sha256.hpp"

#include <doctest/doctest.h>

#include "core/base/encoding.hpp"

namespace sha256_test {
using namespace lntpay;

TEST_CASE("SHA-256 gives the examples of FIPS 180-4") {
  CHECK(hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha256(bytes_of("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("hashing a message in pieces gives the same hash") {
  const Bytes message(300, 0x5a);
  for (std::size_t cut = 0; cut <= message.size(); cut += 7) {
    Sha256 hash;
    hash.update(ByteView{message}.first(cut));
    Sha256 copy = hash;  // a copy is independent
    hash.update(ByteView{message}.subspan(cut));
    CHECK(hash.finish() == sha256(message));
    CHECK(copy.finish() == sha256(ByteView{message}.first(cut)));
  }
}

TEST_CASE("HMAC gives the test cases of RFC 4231") {
  const Bytes key_20(20, 0x0b);
  CHECK(hex(hmac_sha256(key_20, bytes_of("Hi There"))) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const Bytes key_131(131, 0xaa);
  CHECK(hex(hmac_sha256(key_131, bytes_of("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("the HMAC of parts is the HMAC of their concatenation") {
  const auto whole = hmac_sha256(bytes_of("key"), bytes_of("one two"));
  CHECK(hmac_sha256(bytes_of("key"), {bytes_of("one"), bytes_of(" "), bytes_of("two")}) == whole);
  CHECK(hmac_sha256(bytes_of("key"), {bytes_of("one two"), ByteView{}}) == whole);
  CHECK(hmac_sha256({}, ByteView{}) == hmac_sha256(Bytes(64, 0), ByteView{}));
}

}  // namespace sha256_test
