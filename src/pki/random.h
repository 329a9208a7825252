#pragma once
// Random bytes from OpenSSL's generator.

#include <span>

namespace ipm::pki {

// Throws Error{CryptoFailed}: never weak bytes.
void fill_random(std::span<unsigned char> bytes);

}  // namespace ipm::pki
