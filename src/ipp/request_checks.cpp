#include "ipp/request_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "ipp/limits.h"

namespace ipm::ipp {
namespace {

using Fault = std::optional<RequestFault>;

constexpr std::size_t kStatusMessageBytesMax = 255;  // RFC 8011, 4.1.6.2

RequestFault bad_request(std::string words) {
  return {Status::BadRequest, std::move(words)};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_graphic_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool may_repeat(GroupTag tag) {
  return tag == GroupTag::Subscription || tag == GroupTag::EventNotification;
}

Fault find_group_fault(const Message& request) {
  if (request.groups.empty() || request.groups.front().tag != GroupTag::Operation) {
    return bad_request("the request does not begin with its operation attributes");
  }
  for (std::size_t i = 1; i < request.groups.size(); ++i) {
    const GroupTag before = request.groups[i - 1].tag;
    const GroupTag here = request.groups[i].tag;
    if (here < before) return bad_request("the groups of attributes are out of order");
    if (here == before && !may_repeat(here))
      return bad_request("a group of attributes stands twice");
  }
  return std::nullopt;
}

Fault find_beginning_fault(const Group& group) {
  auto is_single = [&](std::size_t position, std::string_view name, Tag tag) {
    if (group.attributes.size() <= position) return false;
    const Attribute& attribute = group.attributes[position];
    return attribute.name == name && attribute.values.size() == 1 &&
           attribute.values.front().tag() == tag;
  };
  if (!is_single(0, "attributes-charset", Tag::Charset)) {
    return bad_request("attributes-charset is not the first attribute, or not one charset");
  }
  if (!is_single(1, "attributes-natural-language", Tag::NaturalLanguage)) {
    return bad_request(
        "attributes-natural-language is not the second attribute, or not one language");
  }
  const std::string_view charset = *group.attributes.front().values.front().find_text();
  if (!equal_ascii_nocase(charset, "utf-8") && !equal_ascii_nocase(charset, "us-ascii")) {
    return RequestFault{Status::CharsetNotSupported,
                        fmt::format("the charset \"{}\" is not supported; utf-8 and us-ascii are",
                                    printable(charset, kCharsetBytesMax))};
  }
  return std::nullopt;
}

// Of two targets nobody could tell which is meant.
Fault find_target_fault(const Group& operation) {
  constexpr std::pair<std::string_view, Tag> kTargets[] = {
      {"printer-uri", Tag::Uri}, {"job-uri", Tag::Uri}, {"job-id", Tag::Integer}};
  for (const auto& [name, tag] : kTargets) {
    const Attribute* target = operation.find(name);
    if (target == nullptr) continue;
    if (target->values.size() != 1 || target->values.front().tag() != tag) {
      return bad_request(fmt::format("{} is not one value of its type", name));
    }
  }
  return std::nullopt;
}

Fault find_duplicate(const AttributeList& list) {
  std::vector<std::string_view> names;
  names.reserve(list.attributes.size());
  for (const Attribute& attribute : list.attributes) names.emplace_back(attribute.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return std::nullopt;
  return bad_request(fmt::format("the attribute {} stands twice", printable(*twice)));
}

std::size_t bytes_max(Tag tag) {
  switch (tag) {
    case Tag::OctetString:
      return kOctetStringBytesMax;
    case Tag::Text:
    case Tag::TextWithLanguage:
      return kTextBytesMax;
    case Tag::Name:
    case Tag::NameWithLanguage:
      return kNameValueBytesMax;
    case Tag::Keyword:
      return kKeywordBytesMax;
    case Tag::Uri:
      return kUriValueBytesMax;
    case Tag::UriScheme:
      return kUriSchemeBytesMax;
    case Tag::Charset:
      return kCharsetBytesMax;
    case Tag::NaturalLanguage:
      return kNaturalLanguageBytesMax;
    case Tag::MimeMediaType:
      return kMimeMediaTypeBytesMax;
    default:
      return kValueBytesMax;
  }
}

// Text and names may be of any language; every other character string is ASCII by definition.
bool is_any_language(Tag tag) {
  return tag == Tag::Text || tag == Tag::Name || has_language(tag);
}

Fault find_list_fault(const AttributeList& list, bool ascii_only);

Fault find_value_fault(const Attribute& attribute, const Value& value, bool ascii_only) {
  if (const Collection* members = value.find_collection())
    return find_list_fault(*members, ascii_only);
  const auto text = value.find_text();
  const auto octets = text ? text : value.find_octets();
  if (!octets) return std::nullopt;
  const auto language = value.find_language().value_or(std::string_view());
  if (octets->size() > bytes_max(value.tag()) || language.size() > kNaturalLanguageBytesMax) {
    return RequestFault{
        Status::RequestValueTooLong,
        fmt::format("a value of {} has {} bytes; {} are allowed", printable(attribute.name),
                    octets->size(), bytes_max(value.tag()))};
  }
  if (!text) return std::nullopt;
  const bool narrow = ascii_only || !is_any_language(value.tag());
  const bool sound = (narrow ? is_ascii(*text) : is_utf8(*text)) && is_ascii(language);
  if (!sound || text->find('\0') != std::string_view::npos) {
    return bad_request(fmt::format("a value of {} is not {}", printable(attribute.name),
                                   narrow ? "ASCII text" : "UTF-8 text"));
  }
  return std::nullopt;
}

// Recursion is bounded: the decoder refuses collections deeper than kCollectionDepthMax.
Fault find_list_fault(const AttributeList& list, bool ascii_only) {
  if (auto fault = find_duplicate(list)) return fault;
  for (const Attribute& attribute : list.attributes) {
    if (!is_graphic_ascii(attribute.name)) {
      return bad_request(fmt::format("the attribute name \"{}\" is not printable ASCII",
                                     printable(attribute.name)));
    }
    for (const Value& value : attribute.values) {
      if (auto fault = find_value_fault(attribute, value, ascii_only)) return fault;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<RequestFault> find_version_fault(const Header& header) {
  const auto [major, minor] = header.version;
  if (major == 1 || major == 2) return std::nullopt;
  return RequestFault{Status::VersionNotSupported,
                      fmt::format("IPP {}.{} is not supported; 1.0 to 2.2 are", major, minor)};
}

std::optional<RequestFault> find_request_fault(const Message& request) {
  if (request.header.request_id < 1) return bad_request("the request-id is not 1 or more");
  if (auto fault = find_group_fault(request)) return fault;
  if (auto fault = find_beginning_fault(request.groups.front())) return fault;
  if (auto fault = find_target_fault(request.groups.front())) return fault;
  const bool ascii_only =
      equal_ascii_nocase(*request.groups.front().find_text("attributes-charset"), "us-ascii");
  for (const Group& group : request.groups) {
    if (auto fault = find_list_fault(group, ascii_only)) return fault;
  }
  return std::nullopt;
}

Message fault_reply(const RequestFault& fault, const Header& request) {
  Message reply = Message::reply(fault.status, request);
  if (!fault.words.empty())
    reply.groups.front().add_text("status-message", cut_utf8(fault.words, kStatusMessageBytesMax));
  return reply;
}

}  // namespace ipm::ipp
