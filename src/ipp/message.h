#pragma once
// An IPP request or reply without its document: header and groups of attributes (RFC 8010, 3.1).

#include <cstdint>
#include <string_view>
#include <vector>

#include "ipp/constants.h"
#include "ipp/value.h"

namespace ipm::ipp {

struct Version {
  std::uint8_t major = 2;
  std::uint8_t minor = 0;
  bool operator==(const Version&) const = default;
};

// The eight octets that begin every message.
struct Header {
  Version version;
  std::uint16_t code = 0;       // operation-id of a request, status-code of a reply
  std::int32_t request_id = 0;  // 1 and above in a valid request
  bool operator==(const Header&) const = default;
};

struct Group : AttributeList {
  GroupTag tag = GroupTag::Operation;

  explicit Group(GroupTag group_tag) : tag(group_tag) {}
  bool operator==(const Group& other) const = default;
};

struct Message {
  Header header;
  std::vector<Group> groups;

  Operation operation() const { return static_cast<Operation>(header.code); }
  Status status() const { return static_cast<Status>(header.code); }

  // The first group of that tag, or null.
  const Group* find_group(GroupTag tag) const;
  Group* find_group(GroupTag tag);
  // Appends a group. References to earlier groups are no longer valid.
  Group& add_group(GroupTag tag);

  // A request with its operation group begun as RFC 8011, 4.1.4 wants it: charset, then language.
  static Message request(Operation operation, std::int32_t request_id, Version version = {2, 0});
  // The reply to `request`, with charset and language.
  static Message reply(Status status, const Header& request);

  bool operator==(const Message&) const = default;
};

// The header that answers `request`: its request-id, and its version brought into 1.0 to 2.2.
Header reply_header(Status status, const Header& request);

// attributes-charset and attributes-natural-language, which begin every operation group.
void begin_operation_group(AttributeList& group);

inline constexpr std::string_view kCharset = "utf-8";
inline constexpr std::string_view kLanguage = "en";

}  // namespace ipm::ipp
