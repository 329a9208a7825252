#include "pki/request.h"

#include <fmt/format.h>

#include "base/text.h"
#include "pki/file_kind.h"
#include "pki/general_names.h"
#include "pki/limits.h"
#include "pki/openssl.h"
#include "pki/pem.h"
#include "pki/wanted.h"

namespace ipm::pki {
namespace {

constexpr std::string_view kLabel = "CERTIFICATE REQUEST";

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * extensions) const noexcept {
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

void add_names(X509_REQ* request, const Names& names) {
  if (names.empty()) return;
  const GeneralNamesPtr general = make_general_names(names);
  STACK_OF(X509_EXTENSION)* raw = nullptr;
  const int added =
      X509V3_add1_i2d(&raw, NID_subject_alt_name, general.get(), 0, X509V3_ADD_DEFAULT);
  const ExtensionsPtr extensions(raw);
  must(added, "X509V3_add1_i2d");
  must(X509_REQ_add_extensions(request, extensions.get()), "X509_REQ_add_extensions");
}

void verify(X509_REQ* request, std::string_view origin) {
  const ErrorQueueGuard guard;
  EVP_PKEY* key = X509_REQ_get0_pubkey(request);
  if (key == nullptr) throw damaged(Wanted::Request, "its public key is not readable", origin);
  if (const auto complaint = PublicKey(key).complaint()) {
    throw Error(Message::RequestUnusable,
                fmt::format("{}: {}", printable(origin, 4096), *complaint),
                "a request for RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519",
                "make a new one: ipm cert request");
  }
  if (X509_REQ_verify(request, key) != 1) {
    throw damaged(Wanted::Request, "its signature is not that of the key in it", origin);
  }
}

std::shared_ptr<X509_REQ> decode(std::string_view der, std::string_view origin) {
  auto request = decode_whole<RequestPtr>(d2i_X509_REQ, der);
  if (!request) {
    throw damaged(Wanted::Request,
                  fmt::format("its bytes are {}, not a request", file_kind_words(file_kind(der))),
                  origin);
  }
  verify(request.get(), origin);
  return request;
}

}  // namespace

Request Request::make(const PrivateKey& key, std::string_view common_name, const Names& names) {
  RequestPtr request = own<RequestPtr>(X509_REQ_new(), "X509_REQ_new");
  const NamePtr subject = make_name(common_name);
  must(X509_REQ_set_version(request.get(), X509_REQ_VERSION_1), "X509_REQ_set_version");
  must(X509_REQ_set_subject_name(request.get(), subject.get()), "X509_REQ_set_subject_name");
  must(X509_REQ_set_pubkey(request.get(), key.handle()), "X509_REQ_set_pubkey");
  add_names(request.get(), names);
  must(X509_REQ_sign(request.get(), key.handle(), signing_digest(key.handle())), "X509_REQ_sign");
  return Request(std::move(request));
}

Request Request::parse(std::string_view pem, std::string_view origin) {
  const auto blocks = read_blocks(Wanted::Request, pem, origin, 1, kRequestBytesMax);
  return Request(decode(blocks.front().der, origin));
}

Request Request::parse_der(std::string_view der, std::string_view origin) {
  if (der.size() > kRequestBytesMax) {
    throw beyond_limit(Wanted::Request, "bytes", kRequestBytesMax, origin);
  }
  return Request(decode(der, origin));
}

std::string Request::der() const {
  return encode(i2d_X509_REQ, handle());
}

std::string Request::pem() const {
  return pem_text(kLabel, der());
}

PublicKey Request::public_key() const {
  return PublicKey(X509_REQ_get0_pubkey(handle()));
}

std::string Request::subject() const {
  return name_line(X509_REQ_get_subject_name(handle()));
}

std::optional<std::string> Request::common_name() const {
  auto all = name_entries(X509_REQ_get_subject_name(handle()), NID_commonName);
  if (all.size() != 1) return std::nullopt;
  return std::move(all.front());
}

std::vector<std::string> Request::other_subject_parts() const {
  const X509_NAME* name = X509_REQ_get_subject_name(handle());
  const bool one_common_name = common_name().has_value();
  std::vector<std::string> parts;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    if (nid == NID_commonName && one_common_name) continue;
    const std::string kind =
        nid == NID_undef ? dotted(X509_NAME_ENTRY_get_object(entry)) : OBJ_nid2sn(nid);
    parts.push_back(kind + " = " + utf8_text(X509_NAME_ENTRY_get_data(entry)));
  }
  return parts;
}

ExtensionValue<RawNames> Request::subject_alternative_names() const {
  const ErrorQueueGuard guard;
  const ExtensionsPtr extensions(X509_REQ_get_extensions(handle()));
  return read_alternative_names(extensions.get());
}

Names Request::names() const {
  const auto asked = subject_alternative_names();
  if (asked.broken) {
    throw Error(Message::NameInvalid, "the SAN of the request is damaged or there twice",
                "one SAN of DNS names and addresses", "make a new one: ipm cert request");
  }
  Names names;
  if (!asked.value) return names;
  for (const std::string& name : asked.value->dns) names.add(DnsName::parse(name));
  for (const std::string& bytes : asked.value->addresses) {
    const auto address = IpAddress::from_bytes(bytes);
    if (!address) {
      throw Error(Message::NameInvalid,
                  fmt::format("an address of the request's SAN has {} bytes", bytes.size()),
                  "4 bytes (IPv4) or 16 (IPv6)", "make a new one: ipm cert request");
    }
    names.add(*address);
  }
  if (names.dns.size() + names.addresses.size() > kNamesMax) {
    throw Error(Message::NameInvalid, "the request asks for too many names",
                fmt::format("at most {}", kNamesMax), "");
  }
  return names;
}

}  // namespace ipm::pki
