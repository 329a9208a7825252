#include "ipp/message.h"

#include <algorithm>

namespace ipm::ipp {
namespace {

template <class Groups>
auto* find_in(Groups& groups, GroupTag tag) {
  auto found = std::find_if(groups.begin(), groups.end(),
                            [&](const Group& group) { return group.tag == tag; });
  return found == groups.end() ? nullptr : &*found;
}

}  // namespace

const Group* Message::find_group(GroupTag tag) const {
  return find_in(groups, tag);
}
Group* Message::find_group(GroupTag tag) {
  return find_in(groups, tag);
}
Group& Message::add_group(GroupTag tag) {
  return groups.emplace_back(tag);
}

Message Message::request(Operation operation, std::int32_t request_id, Version version) {
  Message message{{version, static_cast<std::uint16_t>(operation), request_id}, {}};
  begin_operation_group(message.add_group(GroupTag::Operation));
  return message;
}

Message Message::reply(Status status, const Header& request) {
  Message message{reply_header(status, request), {}};
  begin_operation_group(message.add_group(GroupTag::Operation));
  return message;
}

Header reply_header(Status status, const Header& request) {
  // RFC 8011, 4.1.8: the version answered is one that the Printer supports; a request of an unknown
  // version is answered with the closest one.
  Version version = request.version;
  if (version.major < 1) version = {1, 1};
  if (version.major > 2 || (version.major == 2 && version.minor > 2)) version = {2, 2};
  if (version.major == 1 && version.minor > 1) version = {1, 1};
  return {version, static_cast<std::uint16_t>(status), request.request_id};
}

void begin_operation_group(AttributeList& group) {
  group.add_charset("attributes-charset", kCharset);
  group.add_language("attributes-natural-language", kLanguage);
}

}  // namespace ipm::ipp
