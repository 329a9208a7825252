// floors: ipp
// Any text as options of a command line: what is read is a group that has an encoding, and whose
// text reads as the same options again where it has only types that options can express exactly.
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "ipp/attribute_text.h"
#include "ipp/codec.h"
#include "ipp/options.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ipm::ipp::AttributeList list;
  try {
    list = ipm::ipp::parse_options(text);
  } catch (const ipm::Error&) {
    return 0;
  }
  ipm::ipp::Message message = ipm::ipp::Message::request(ipm::ipp::Operation::PrintJob, 1);
  message.add_group(ipm::ipp::GroupTag::Job).attributes = list.attributes;
  if (size > 8192) return 0;  // more values than a request may carry
  if (ipm::ipp::decode(ipm::ipp::encode(message)).message != message) std::abort();
  (void)ipm::ipp::to_text(list);
  return 0;
}
