#pragma once
// Names of media: PWG self-describing ones (PWG 5101.1), and the short ones that stock clients and
// PPDs use.

#include <optional>
#include <string>
#include <string_view>

namespace ipm::print {

// In hundredths of millimetres, as media-size has them.
struct MediaSize {
  int width = 0;
  int length = 0;

  bool operator==(const MediaSize&) const = default;
};

// "iso_a4_210x297mm", "na_letter_8.5x11in", "custom_any_100x200mm". Absent for other names.
std::optional<MediaSize> find_media_size(std::string_view name);

// "A4", "Letter", "iso-a4", "na-letter-white": the self-describing name. Case does not matter.
// Empty for what is not known.
std::string_view find_standard_medium(std::string_view short_name);

// What one value of media may say at once: "A4,Tray2", "Letter.Borderless", "Custom.100x200mm".
struct MediaWish {
  std::string name;    // self-describing; empty where the text says none that is known
  std::string source;  // media-source: "tray-2", "manual"; empty: not said
  std::string rest;    // what is left and not understood: "Borderless", "Cardstock"
};
MediaWish read_media(std::string_view text);

}  // namespace ipm::print
