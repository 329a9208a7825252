// floors: pki
// What Names::parse() takes, it prints in a form that it takes for the same; what it refuses, it
// refuses with an Error of one line. The same for single names and addresses.

#include <cstdlib>

#include "base/error.h"
#include "pki/names.h"

namespace {

using namespace ipm;
using namespace ipm::pki;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_names(std::string_view text) {
  try {
    const Names names = Names::parse(text);
    require(Names::parse(names.text()) == names);
    require(names.dns.size() + names.addresses.size() <= 100);
    for (const DnsName& name : names.dns) {
      require(!DnsName::complaint(name.text()));
      require(name.matches(name) == !name.is_wildcard());
    }
    for (const IpAddress& address : names.addresses) {
      require(IpAddress::parse(address.text()) == address);
    }
  } catch (const Error& error) {
    require(error.message() == Message::NameInvalid);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
}

void check_name(std::string_view text) {
  const auto name = DnsName::find(text);
  require(name.has_value() != DnsName::complaint(text).has_value());
  if (!name) return;
  require(DnsName::parse(text) == *name);
  require(DnsName::find(name->text()) == name);
  require(!IpAddress::find(text));
  require(name->text().size() <= 253);
  const bool stars = name->text().find('*', name->is_wildcard() ? 1 : 0) != std::string::npos;
  require(!stars);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_names(text);
  check_name(text);
  if (const auto address = IpAddress::find(text)) {
    require(IpAddress::from_bytes(address->bytes()) == address);
    require(IpAddress::find(address->text()) == address);
  }
  return 0;
}
