#include "print/printer_description.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ipm::print {
namespace {

using ipp::AttributeList;
using ipp::Tag;
using ipp::Value;

AttributeList describe(const std::string& uri, const output::DeviceDescription* device) {
  LogicalDestination logical;
  logical.name = "office";
  logical.uuid = "urn:uuid:00000000-0000-4000-8000-000000000000";
  return describe_printer(logical, uri, {}, device);
}

bool lists(const AttributeList& list, std::string_view name, std::string_view value) {
  const auto all = list.find_all_text(name);
  return std::find(all.begin(), all.end(), value) != all.end();
}

TEST(PrinterDescription, OfAnUnknownDeviceNothingIsInvented) {
  const auto list = describe("socket://printer", nullptr);
  EXPECT_EQ(list.find_boolean("color-supported"), false);
  EXPECT_EQ(list.find_all_integers("finishings-supported"), std::vector<std::int32_t>{3});
  EXPECT_LE(*list.find_integer("pages-per-minute"), 1);
  EXPECT_FALSE(lists(list, "print-color-mode-supported", "color"));
  EXPECT_EQ(list.find_boolean("page-ranges-supported"), false);
  for (const auto* name :
       {"pages-per-minute-color", "media-ready", "media-col-ready", "printer-supply",
        "printer-alert", "media-source-supported", "media-type-supported", "printer-input-tray",
        "job-password-supported", "overrides-supported", "device-uri"}) {
    EXPECT_FALSE(list.contains(name)) << name;
  }
  EXPECT_FALSE(lists(list, "media-supported", "iso_a3_297x420mm"));
}

TEST(PrinterDescription, WhatAnIppDeviceSaysIsPassedOnAndNothingElse) {
  output::DeviceDescription said;
  said.capabilities.add_keywords("sides-supported", {"one-sided"});
  said.capabilities.add_keyword("sides-default", "one-sided");
  said.capabilities.add_integers("number-up-supported", Tag::Integer, std::vector<int>{1, 2, 4});
  said.capabilities.add_boolean("color-supported", true);
  said.capabilities.add_text("printer-make-and-model", "Acme LaserFast 3000");
  said.capabilities.add_strings("document-format-supported", Tag::MimeMediaType,
                                {"application/pdf"});
  said.capabilities.add_range("copies-supported", 1, 1);
  said.capabilities.add_name("printer-name", "not ours");
  said.capabilities.add_uri("printer-uuid", "urn:uuid:ffffffff-0000-4000-8000-000000000000");
  said.capabilities.add_keywords("compression-supported", {"none"});
  said.state.add_octets("printer-supply", "type=toner;level=7;");
  const auto list = describe("ipp://printer/ipp/print", &said);
  EXPECT_EQ(list.find_all_text("sides-supported"), std::vector<std::string_view>{"one-sided"});
  EXPECT_EQ(list.find_text("printer-make-and-model"), "Acme LaserFast 3000");
  EXPECT_EQ(list.find_boolean("color-supported"), true);
  EXPECT_EQ(list.find_octets("printer-supply"), "type=toner;level=7;");
  EXPECT_EQ(list.find_all_text("document-format-supported"),
            std::vector<std::string_view>{"application/pdf"});
  EXPECT_EQ(list.find_text("document-format-default"), "application/pdf");
  EXPECT_EQ(list.find_text("printer-name"), "office");
  EXPECT_EQ(list.find_text("printer-uuid"), "urn:uuid:00000000-0000-4000-8000-000000000000");
  EXPECT_TRUE(lists(list, "compression-supported", "gzip")) << "we unpack";
  EXPECT_EQ(list.find_range("copies-supported")->upper, 999) << "we make copies";
  for (const auto* name : {"media-supported", "print-quality-supported", "finishings-supported"})
    EXPECT_FALSE(list.contains(name)) << name << " is not said by the device";
  EXPECT_TRUE(lists(list, "job-creation-attributes-supported", "number-up"));
  EXPECT_FALSE(lists(list, "job-creation-attributes-supported", "media"));
}

TEST(PrinterDescription, WhatWasDeclaredTakesThePlaceOfTheDefault) {
  output::DeviceDescription declared;
  declared.capabilities.add_keywords("media-supported", {"iso_a3_297x420mm"});
  declared.capabilities.add_boolean("color-supported", true);
  declared.capabilities.add_integer("pages-per-minute", 40);
  declared.capabilities.add_keywords("sides-supported", {"two-sided-long-edge"});
  const auto list = describe("socket://printer", &declared);
  EXPECT_EQ(list.find_all_text("media-supported"),
            std::vector<std::string_view>{"iso_a3_297x420mm"});
  EXPECT_EQ(list.find_text("media-default"), "iso_a3_297x420mm");
  EXPECT_EQ(list.find_collection("media-size-supported")->find_integer("x-dimension"), 29700);
  EXPECT_EQ(list.find_collection("media-col-default")->find_text("media-size-name"),
            "iso_a3_297x420mm");
  EXPECT_EQ(list.find_text("sides-default"), "two-sided-long-edge");
  EXPECT_EQ(list.find_integer("pages-per-minute"), 40);
  EXPECT_TRUE(list.contains("print-quality-supported")) << "the rest stays the default";
}

TEST(PrinterDescription, NoAttributeStandsTwiceAndEveryDefaultIsSupported) {
  output::DeviceDescription declared;
  declared.capabilities.add_keywords("print-color-mode-supported", {"color"});
  for (const auto* device :
       {static_cast<const output::DeviceDescription*>(nullptr), &std::as_const(declared)}) {
    const auto list = describe("file:///tmp/", device);
    for (const auto& attribute : list.attributes) {
      EXPECT_EQ(std::ranges::count(list.attributes, attribute.name, &ipp::Attribute::name), 1)
          << attribute.name;
      std::string_view name = attribute.name;
      if (!name.ends_with("-default")) continue;
      name.remove_suffix(std::string_view("-default").size());
      const auto* supported = list.find(std::string(name) + "-supported");
      if (supported == nullptr || name == "media-col" || name == "copies" || name == "job-priority")
        continue;
      const Value& value = attribute.values.front();
      if (value.tag() == Tag::NoValue) continue;
      EXPECT_NE(std::ranges::find(supported->values, value), supported->values.end())
          << attribute.name;
    }
  }
}

TEST(PrinterDescription, RawDocumentsAreTakenWhereAnyBytesAre) {
  EXPECT_TRUE(lists(describe("socket://printer", nullptr), "document-format-supported",
                    "application/vnd.cups-raw"));
}

TEST(PrinterDescription, TemplateAttributesAreThoseThatAJobMayHave) {
  for (const auto* name :
       {"sides-supported", "media-col-database", "media-ready", "copies-default",
        "media-size-supported", "media-top-margin-supported", "finishings-col-ready"})
    EXPECT_TRUE(is_job_template_attribute(name)) << name;
  for (const auto* name : {"printer-name", "document-format-supported", "color-supported",
                           "compression-supported", "job-password-supported", "-supported"})
    EXPECT_FALSE(is_job_template_attribute(name)) << name;
}

}  // namespace
}  // namespace ipm::print
