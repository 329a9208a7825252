#pragma once
// X.500 names as path validation compares them (RFC 5280, 7.1): letters without case, blanks
// folded, the string types that say the same thing alike.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::trust {

class DistinguishedName {
 public:
  DistinguishedName() = default;  // the empty name

  // `encoding` is the whole Name, tag included, and must outlive the value. Absent: not a Name.
  static std::optional<DistinguishedName> parse(std::string_view encoding);

  bool empty() const { return canonical_.empty(); }
  std::string_view encoding() const { return encoding_; }
  // Equal names have equal bytes.
  const std::string& canonical() const { return canonical_; }
  // Whether `prefix`'s RDNs are the first ones of this name (RFC 5280, 4.2.1.10: directoryName).
  bool begins_with(const DistinguishedName& prefix) const {
    return canonical_.starts_with(prefix.canonical_);
  }
  const std::vector<std::string>& common_names() const {
    return common_names_;
  }  // UTF-8, as written
  const std::vector<std::string>& emails() const { return emails_; }  // emailAddress attributes

  friend bool operator==(const DistinguishedName& a, const DistinguishedName& b) {
    return a.canonical_ == b.canonical_;
  }

 private:
  std::string_view encoding_;
  std::string canonical_;
  std::vector<std::string> common_names_;
  std::vector<std::string> emails_;
};

// Whether two encodings are the same Name. What is no Name is the same as its own bytes only.
bool same_name(std::string_view encoding, std::string_view other);

}  // namespace ipm::trust
