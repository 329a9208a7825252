#include "print/printer_description.h"

#include <algorithm>
#include <array>

#include "ipp/constants.h"
#include "print/default_device.h"
#include "print/limits.h"
#include "print/operations/attribute_table.h"
#include "print/operations/table.h"

namespace ipm::print {
namespace {

using ipp::Attribute;
using ipp::AttributeList;
using ipp::Tag;
using ipp::Value;

// What is ours to say, whatever a device says: the queue does it, not the device.
constexpr std::array<std::string_view, 12> kOurs = {
    "compression-supported",
    "copies-default",
    "copies-supported",
    "job-creation-attributes-supported",
    "job-hold-until-default",
    "job-hold-until-supported",
    "job-priority-default",
    "job-priority-supported",
    "job-settable-attributes-supported",
    "multiple-document-jobs-supported",
    "job-password-supported",
    "job-password-encryption-supported",
};

// Of the description of a device, what concerns its clients too. Names, addresses, counts and
// states are those of the destination, not the device's.
constexpr std::array kPassedOn = std::to_array<std::string_view>({
    "color-supported",
    "document-format-default",
    "document-format-preferred",
    "document-format-supported",
    "jpeg-features-supported",
    "jpeg-k-octets-supported",
    "jpeg-x-dimension-supported",
    "jpeg-y-dimension-supported",
    "landscape-orientation-requested-preferred",
    "marker-colors",
    "marker-high-levels",
    "marker-levels",
    "marker-low-levels",
    "marker-names",
    "marker-types",
    "mopria-certified",
    "pages-per-minute",
    "pages-per-minute-color",
    "pdf-features-supported",
    "pdf-k-octets-supported",
    "pdf-versions-supported",
    "printer-alert",
    "printer-alert-description",
    "printer-device-id",
    "printer-input-tray",
    "printer-kind",
    "printer-make-and-model",
    "printer-output-tray",
    "printer-supply",
    "printer-supply-description",
    "pwg-raster-document-resolution-supported",
    "pwg-raster-document-sheet-back",
    "pwg-raster-document-type-supported",
    "urf-supported",
});

static_assert(std::ranges::is_sorted(kPassedOn));

bool is_passed_on(std::string_view name) {
  if (std::ranges::find(kOurs, name) != kOurs.end()) return false;
  return is_job_template_attribute(name) || std::ranges::binary_search(kPassedOn, name);
}

void put(AttributeList& list, const Attribute& attribute) {
  while (list.remove(attribute.name)) {
  }
  list.add(attribute);
}

// A default that is not among what is supported would be a lie of ours: the first that is supported
// takes its place.
void mend_default(AttributeList& list, const std::string& name) {
  const Attribute* supported = list.find(name + "-supported");
  const Attribute* otherwise = list.find(name + "-default");
  if (supported == nullptr || otherwise == nullptr) return;
  if (otherwise->values.front().tag() == Tag::NoValue) return;
  const auto& values = supported->values;
  if (std::ranges::find(values, otherwise->values.front()) != values.end()) return;
  put(list, {name + "-default", {values.front()}});
}

// What was declared, over the default. Where media were declared by name only, the collections that
// follow from the names are made from them.
AttributeList declared_device(const AttributeList& declared) {
  AttributeList list = default_device();
  if (declared.contains("media-supported") && !declared.contains("media-col-supported")) {
    for (const auto* name :
         {"media-col-default", "media-col-supported", "media-col-database", "media-size-supported",
          "media-bottom-margin-supported", "media-left-margin-supported",
          "media-right-margin-supported", "media-top-margin-supported"}) {
      list.remove(name);
    }
    add_media(list, declared.find_all_text("media-supported"));
  }
  for (const auto& attribute : declared.attributes) {
    if (is_passed_on(attribute.name) && !attribute.values.empty()) put(list, attribute);
  }
  for (const auto* name : {"document-format", "finishings", "media", "number-up", "output-bin",
                           "print-color-mode", "print-quality", "printer-resolution", "sides"}) {
    mend_default(list, name);
  }
  return list;
}

AttributeList said_by_device(const output::DeviceDescription& device) {
  AttributeList list;
  for (const auto* said : {&device.capabilities, &device.state}) {
    for (const auto& attribute : said->attributes) {
      if (is_passed_on(attribute.name) && !attribute.values.empty()) put(list, attribute);
    }
  }
  return list;
}

AttributeList abilities(const std::string& device_uri, const output::DeviceDescription* device) {
  if (device == nullptr || device->capabilities.attributes.empty()) return default_device();
  return is_ipp(device_uri) ? said_by_device(*device) : declared_device(device->capabilities);
}

void add_identity(AttributeList& list, const LogicalDestination& destination) {
  list.add_name("printer-name", destination.name);
  list.add_text("printer-info", destination.info.empty() ? destination.name : destination.info);
  list.add_text("printer-location", destination.location);
  list.add_uri("printer-uuid", destination.uuid);
  list.add_text("printer-organization", "");
  list.add_text("printer-organizational-unit", "");
  list.add_unknown("printer-geo-location");
}

void add_protocol(AttributeList& list) {
  list.add_charset("charset-configured", ipp::kCharset);
  list.add_strings("charset-supported", Tag::Charset, {"utf-8", "us-ascii"});
  list.add_language("natural-language-configured", ipp::kLanguage);
  list.add_language("generated-natural-language-supported", ipp::kLanguage);
  list.add_keywords("ipp-versions-supported", {"1.0", "1.1", "2.0"});
  list.add_keywords("ipp-features-supported", {"none"});
  list.add_integers("operations-supported", Tag::Enum, supported_operations());
  list.add_keywords("compression-supported", {"none", "gzip", "deflate"});
  list.add_keyword("pdl-override-supported", "not-attempted");
  list.add_boolean("multiple-document-jobs-supported", true);
  list.add_integer("multiple-operation-time-out",
                   static_cast<std::int32_t>(kMultipleOperationTimeout.count()));
  list.add_keyword("multiple-operation-time-out-action", "process-job");
  list.add_keywords("which-jobs-supported", {"completed", "not-completed", "all"});
  list.add_boolean("job-ids-supported", true);
  list.add_boolean("preferred-attributes-supported", false);
  list.add_keywords("printer-get-attributes-supported", {"document-format"});
  list.add_keywords("document-creation-attributes-supported",
                    {"compression", "document-format", "document-name"});
}

// What the queue does itself.
void add_queue(AttributeList& list) {
  list.add_integer("copies-default", 1);
  list.add_range("copies-supported", 1, kCopiesMax);
  list.add_keyword("job-hold-until-default", "no-hold");
  list.add_keywords("job-hold-until-supported", {"no-hold", "indefinite"});
  list.add_integer("job-priority-default", kPriorityDefault);
  list.add_integer("job-priority-supported", 100);
}

// A PIN goes on to the device, but only under TLS.
void add_pin(AttributeList& list, const std::string& device_uri,
             const output::DeviceDescription* device) {
  constexpr std::string_view kSupported = "job-password-supported";
  constexpr std::string_view kEncryption = "job-password-encryption-supported";
  if (device == nullptr || !device_uri.starts_with("ipps:")) return;
  const std::int32_t length = device->capabilities.find_integer(kSupported).value_or(0);
  if (length < 1) return;
  list.add_integer(kSupported, length);
  const auto* encryption = device->capabilities.find(kEncryption);
  if (encryption != nullptr) {
    list.add(*encryption);
  } else {
    list.add_keywords(kEncryption, {"none"});
  }
}

// Documents go on as they are, so that raw ones are taken wherever any bytes are.
void complete(AttributeList& list) {
  if (!list.contains("job-sheets-supported")) {
    list.add_keyword("job-sheets-default", "none");
    list.add_keywords("job-sheets-supported", {"none"});
  }
  if (!list.contains("printer-make-and-model"))
    list.add_text("printer-make-and-model", "Imprimatur print queue");
  Attribute* formats = list.find("document-format-supported");
  if (formats == nullptr) {
    list.add_strings("document-format-supported", Tag::MimeMediaType, {kAnyFormat});
    formats = list.find("document-format-supported");
  }
  const auto takes = [&](std::string_view format) {
    return std::ranges::any_of(formats->values,
                               [&](const Value& one) { return one.find_text() == format; });
  };
  if (takes(kAnyFormat) && !takes(kRawFormat))
    formats->values.push_back(Value::string(Tag::MimeMediaType, std::string(kRawFormat)));
  if (!list.contains("document-format-default"))
    list.add("document-format-default", formats->values.front());
}

// What can be asked of a job is what has a -supported.
void add_job_attributes(AttributeList& list) {
  std::vector<std::string> creation = {"ipp-attribute-fidelity", "job-name"};
  std::vector<std::string> settable = {"job-name"};
  constexpr std::string_view kSuffix = "-supported";
  for (const auto& attribute : list.attributes) {
    std::string_view name = attribute.name;
    if (!name.ends_with(kSuffix)) continue;
    name.remove_suffix(kSuffix.size());
    if (!is_job_template(name)) continue;
    creation.emplace_back(name);
    settable.emplace_back(name);
  }
  std::ranges::sort(creation);
  std::ranges::sort(settable);
  list.add_keywords("job-creation-attributes-supported", creation);
  list.add_keywords("job-settable-attributes-supported", settable);
}

// The bits of CUPS's printer-type (cups/cups.h, cups_ptype_e).
std::int32_t cups_type(const AttributeList& list) {
  constexpr std::int32_t kBlack = 0x4;
  constexpr std::int32_t kColor = 0x8;
  constexpr std::int32_t kDuplex = 0x10;
  constexpr std::int32_t kCopies = 0x40;
  constexpr std::int32_t kSmallMedia = 0x1000;
  std::int32_t type = kBlack | kCopies | kSmallMedia;
  if (list.find_boolean("color-supported").value_or(false)) type |= kColor;
  if (list.find_all_text("sides-supported").size() > 1) type |= kDuplex;
  return type;
}

}  // namespace

bool is_ipp(std::string_view device_uri) {
  return device_uri.starts_with("ipp:") || device_uri.starts_with("ipps:");
}

bool is_job_template_attribute(std::string_view name) {
  for (const std::string_view suffix : {"-default", "-supported", "-ready", "-database"}) {
    if (name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
      break;
    }
  }
  return is_job_template(name);
}

AttributeList describe_printer(const LogicalDestination& destination, const std::string& device_uri,
                               TimePoint changed, const output::DeviceDescription* device) {
  AttributeList list;
  add_identity(list, destination);
  add_protocol(list);
  add_queue(list);
  for (const auto& attribute : abilities(device_uri, device).attributes) list.add(attribute);
  add_pin(list, device_uri, device);
  complete(list);
  add_job_attributes(list);
  list.add_date_time("printer-config-change-date-time", changed);
  list.add_integer("printer-type", Tag::Enum, cups_type(list));
  list.add_boolean("printer-is-shared", true);
  return list;
}

}  // namespace ipm::print
