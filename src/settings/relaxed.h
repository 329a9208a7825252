#pragma once
// [[trust.relax]] of both files: rules that certificates under one CA need not keep, for old
// devices.
//
//   [[trust.relax]]
//   sha256 = "SHA-256 fingerprint of the CA's certificate"
//   rules = ["weak-key", "weak-digest"]

#include <cstddef>
#include <string>
#include <vector>

namespace ipm::settings {

class TomlReader;

inline constexpr std::size_t kRelaxedMax = 1'000;  // CAs that a file may except

struct RelaxedCa {
  std::string sha256;              // 64 hexadecimal digits, with colons or without
  std::vector<std::string> rules;  // at least one, each once; whether they exist others know
  std::string place;               // "FILE, line N"

  bool operator==(const RelaxedCa&) const = default;
};

// Each CA once.
std::vector<RelaxedCa> find_relaxed(TomlReader& reader);

}  // namespace ipm::settings
