#include "pki/random.h"

#include <openssl/rand.h>

#include <algorithm>

#include "pki/openssl.h"

namespace ipm::pki {

void fill_random(std::span<unsigned char> bytes) {
  // RAND_bytes counts with int.
  constexpr std::size_t kStep = 1U << 20U;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), kStep));
    must(RAND_bytes(part.data(), static_cast<int>(part.size())), "RAND_bytes");
    bytes = bytes.subspan(part.size());
  }
}

}  // namespace ipm::pki
