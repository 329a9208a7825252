#include "ipm/common/requirement_texts.h"

#include "base/text.h"

namespace ipm::app {
namespace {

struct Requirement {
  std::string_view number;
  std::string_view text;
};

constexpr Requirement kRequirements[] = {
    {"S1", "All traffic can be encrypted with TLS; one switch in ipmd.toml turns it on."},
    {"S2",
     "A site makes its own certificate authority, which signs servers' and clients' "
     "certificates and by whose certificate both sides validate them."},
    {"S3", "Bought certificates are verified against the Mozilla CA Certificate Store."},
    {"S4",
     "ca-cert.pem is made from Mozilla's certdata.txt, with a choice of purposes and levels."},
    {"S5",
     "ca-cert.pem lives in /etc/ipm (C:\\Windows\\ipm on Windows) and is found there by itself."},
    {"S6",
     "New anchors, certificates, keys and lists are taken up within two seconds, without a "
     "restart; a set that does not load is refused and the old one stays."},
    {"S7",
     "A server certificate has extended key usage serverAuth, and key usage digitalSignature "
     "and (with an RSA key) keyEncipherment."},
    {"S8",
     "A client certificate has extended key usage clientAuth, and key usage digitalSignature."},
    {"S9", "Under mutual authentication a server certificate has both serverAuth and clientAuth."},
    {"S10",
     "The subject is the computer's full DNS name, or a wildcard for the whole domain; "
     "partial wildcards are refused."},
    {"S11",
     "The subject alternative name carries the other names and the addresses, written "
     "DNS:alt1.example.com, IP:10.0.0.1."},
    {"S12",
     "Keys are unencrypted PEM and belong to their certificate; anything else is refused "
     "with the command that mends it."},
    {"S13", "A key stays private: its file has mode 0600 and nobody else can read it."},
    {"S14", "With fewer than 31 days left the server warns in its error log (5010-907)."},
    {"S15", "A server that started encrypted says so in its error log (5010-908)."},
    {"S16", "With encryption off, clients and servers of earlier versions are accepted."},
    {"S17",
     "With encryption on, plaintext is refused, the client is told why, and the log names its "
     "address."},
    {"S18",
     "Mutual authentication against a publicly trusted CA would let in anyone, and is refused "
     "unless the administrator states it by name."},
    {"S19", "Server and client run on Linux, macOS, AIX and Windows."},
    {"S20",
     "A certificate can be checked before it is installed: every rule, passed or failed, with "
     "the mend."},
    {"B4",
     "An identity proven by certificate decides what a client may do; a job's owner is the "
     "certificate's name."},
    {"B6",
     "A revoked certificate is refused at once, on resumed sessions and open connections too."},
    {"B12", "A CA that is distrusted for certificates issued after a date is treated so."},
};

}  // namespace

std::optional<std::string_view> find_requirement(std::string_view number) {
  for (const auto& requirement : kRequirements) {
    if (equal_ascii_nocase(requirement.number, number)) return requirement.text;
  }
  return std::nullopt;
}

}  // namespace ipm::app
