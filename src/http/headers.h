#pragma once
// The fields of an HTTP message (RFC 9110, 5): names without regard to case, order kept.
//
// All text lies in one string, so that a connection which serves many requests allocates nothing
// after the first.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::http {

class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;  // without blanks at either end
  };

  // Throws Error{HttpMalformed} when name or value would break the message (a line break in a
  // value).
  void add(std::string_view name, std::string_view value);
  // Replaces all of that name.
  void set(std::string_view name, std::string_view value);
  void clear();  // keeps the memory

  // The first of that name. Views last until the next change.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // Whether a comma-separated list field holds `token`, in any of its occurrences.
  bool has_token(std::string_view name, std::string_view token) const;

  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }
  Field operator[](std::size_t index) const;

 private:
  struct Place {
    std::uint32_t at;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };

  std::string text_;  // name and value of each field, one behind the other
  std::vector<Place> fields_;
};

}  // namespace ipm::http
