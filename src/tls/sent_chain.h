#pragma once
// What of a certificate file goes to the other side: the leaf, then those certificates of the file
// that lie on any path from it, each behind one that it certifies (RFC 8446, 4.4.2; RFC 5246, 7.4.2).

#include <string>
#include <vector>

#include "pki/certificate.h"

namespace ipm::tls {

struct SentChain {
  std::vector<pki::Certificate> chain;  // leaf first; no root, nothing twice
  std::vector<std::string> left_out;    // "CN = Root (a root, which peers have)"
};

// `file` is in the file's order, its first certificate the leaf.
SentChain sent_chain(const std::vector<pki::Certificate>& file);

}  // namespace ipm::tls
