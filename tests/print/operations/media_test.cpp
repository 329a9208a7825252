#include "print/operations/media.h"

#include <gtest/gtest.h>

namespace ipm::print {
namespace {

TEST(Media, SelfDescribingNamesHaveASize) {
  EXPECT_EQ(find_media_size("iso_a4_210x297mm"), (MediaSize{21000, 29700}));
  EXPECT_EQ(find_media_size("na_letter_8.5x11in"), (MediaSize{21590, 27940}));
  EXPECT_EQ(find_media_size("na_number-10_4.125x9.5in"), (MediaSize{10478, 24130}));
  EXPECT_EQ(find_media_size("custom_any_100x200mm"), (MediaSize{10000, 20000}));
  for (const auto* name :
       {"", "A4", "iso_a4", "iso_a4_210mm", "iso_a4_210x297", "iso_a4_210x297cm", "_a4_210x297mm",
        "iso__210x297mm", "iso_a4_0x297mm", "iso_a4_-1x297mm", "iso_a4_1e9x297mm",
        "iso_a4_210x297xmm", "iso_a_4_210x297mm", "iso_a4_infx297mm", "iso_a4_nanx297mm"}) {
    EXPECT_FALSE(find_media_size(name)) << name;
  }
}

TEST(Media, ShortNamesStandForSelfDescribingOnes) {
  EXPECT_EQ(find_standard_medium("A4"), "iso_a4_210x297mm");
  EXPECT_EQ(find_standard_medium("a4"), "iso_a4_210x297mm");
  EXPECT_EQ(find_standard_medium("iso-a4-white"), "iso_a4_210x297mm");
  EXPECT_EQ(find_standard_medium("Letter"), "na_letter_8.5x11in");
  EXPECT_EQ(find_standard_medium("na-letter"), "na_letter_8.5x11in");
  EXPECT_EQ(find_standard_medium("Env10"), "na_number-10_4.125x9.5in");
  for (const auto* name : {"", "A", "A44", "gold-leaf", "iso_a4_210x297mm", "-white"})
    EXPECT_EQ(find_standard_medium(name), "") << name;
}

// What they stand for has the size that the name says.
TEST(Media, EveryShortNameHasASize) {
  for (const auto* name : {"A2",    "A3",         "A4",        "A5",    "A6",      "B4",
                           "B5",    "ISOB5",      "Letter",    "Legal", "Tabloid", "Ledger",
                           "11x17", "Executive",  "Statement", "Folio", "4x6",     "5x7",
                           "Env10", "EnvMonarch", "EnvDL",     "EnvC5", "EnvC6",   "Postcard"}) {
    EXPECT_TRUE(find_media_size(find_standard_medium(name))) << name;
  }
}

struct Reading {
  const char* text;
  const char* name;
  const char* source;
  const char* rest;
};

TEST(Media, OneValueMaySayMediumTrayAndMore) {
  for (const auto& [text, name, source, rest] : std::initializer_list<Reading>{
           {"A4", "iso_a4_210x297mm", "", ""},
           {"A4,Tray2", "iso_a4_210x297mm", "tray-2", ""},
           {"Tray-2,A4", "iso_a4_210x297mm", "tray-2", ""},
           {"Letter,ManualFeed", "na_letter_8.5x11in", "manual", ""},
           {"iso_a4_210x297mm,Tray1", "iso_a4_210x297mm", "tray-1", ""},
           {"A4,Transparency", "iso_a4_210x297mm", "", "Transparency"},
           {"A4.Borderless", "iso_a4_210x297mm", "", "Borderless"},
           {"Custom.100x200mm", "custom_any_100x200mm", "", ""},
           {"Custom.72x144", "custom_any_1.000x2.000in", "", ""},
           {"Custom.wide", "", "", "Custom.wide"},
           {"gold-leaf", "", "", "gold-leaf"},
           {"A4,A5", "iso_a4_210x297mm", "", "A5"},
           {"Tray99x", "", "", "Tray99x"},
       }) {
    const MediaWish wish = read_media(text);
    EXPECT_EQ(wish.name, name) << text;
    EXPECT_EQ(wish.source, source) << text;
    EXPECT_EQ(wish.rest, rest) << text;
  }
}

}  // namespace
}  // namespace ipm::print
