#include "pki/openssl.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <array>

namespace ipm::pki {

std::string take_openssl_errors() {
  std::string line;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    const char* reason = ERR_reason_error_string(code);
    std::string entry = reason != nullptr ? reason : fmt::format("error {:08X}", code);
    if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') {
      entry += fmt::format(" ({})", data);
    }
    line = line.empty() ? entry : fmt::format("{}; {}", entry, line);
  }
  return line.empty() ? "no reason given" : line;
}

ErrorQueueGuard::~ErrorQueueGuard() {
  ERR_clear_error();
}

void throw_openssl(Message message, std::string_view happened, std::string_view expected) {
  throw Error(message, fmt::format("{}: {}", happened, take_openssl_errors()),
              std::string(expected));
}

BioPtr memory_reader(std::string_view bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Error(Message::FileTooLarge, fmt::format("{} bytes to read", bytes.size()),
                "less than 2 GiB");
  }
  // OpenSSL takes a null pointer for a failure, and an empty view may hold one.
  const char* data = bytes.empty() ? "" : bytes.data();
  return own<BioPtr>(BIO_new_mem_buf(data, static_cast<int>(bytes.size())), "BIO_new_mem_buf");
}

BioPtr memory_writer() {
  return own<BioPtr>(BIO_new(BIO_s_mem()), "BIO_new");
}

std::string written(BIO* writer) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(writer, &data);
  return size <= 0 ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

std::string dotted(const ASN1_OBJECT* object) {
  std::array<char, 128> buffer{};
  const int size = OBJ_obj2txt(buffer.data(), static_cast<int>(buffer.size()), object, 1);
  if (size < 0) {
    const ErrorQueueGuard guard;
    return "unreadable";
  }
  if (static_cast<std::size_t>(size) < buffer.size()) {
    return {buffer.data(), static_cast<std::size_t>(size)};
  }
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  text.pop_back();
  return text;
}

namespace {

// X.680 lets UTCTime leave the seconds out; OpenSSL 3.5 does not read it any more. What is wrong
// with it is for the rules to say.
bool read_without_seconds(const ASN1_TIME* time, std::tm& civil) {
  constexpr int kBytes = 11;  // YYMMDDhhmmZ
  if (ASN1_STRING_type(time) != V_ASN1_UTCTIME || ASN1_STRING_length(time) != kBytes) return false;
  const unsigned char* const digits = ASN1_STRING_get0_data(time);
  std::string text(digits, digits + kBytes);
  text.insert(kBytes - 1, "00");
  const TimePtr whole(ASN1_TIME_new());
  return whole && ASN1_TIME_set_string(whole.get(), text.c_str()) == 1 &&
         ASN1_TIME_to_tm(whole.get(), &civil) == 1;
}

}  // namespace

std::optional<TimePoint> find_time(const ASN1_TIME* time) {
  using namespace std::chrono;
  const ErrorQueueGuard guard;
  std::tm civil{};
  // A null pointer would give the current time.
  if (time == nullptr) return std::nullopt;
  if (ASN1_TIME_to_tm(time, &civil) != 1 && !read_without_seconds(time, civil)) {
    return std::nullopt;
  }
  const int year_number = civil.tm_year + 1900;
  if (year_number < 1 || year_number > 9999) return std::nullopt;
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(civil.tm_mon + 1)},
                            day{static_cast<unsigned>(civil.tm_mday)}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date} + hours{civil.tm_hour} + minutes{civil.tm_min} + seconds{civil.tm_sec};
}

TimePtr make_time(TimePoint time) {
  return own<TimePtr>(ASN1_TIME_set(nullptr, time.time_since_epoch().count()), "ASN1_TIME_set");
}

const EVP_MD* signing_digest(const EVP_PKEY* key) {
  const int kind = EVP_PKEY_get_base_id(key);
  if (kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_ED448) return nullptr;
  if (kind != EVP_PKEY_EC) return EVP_sha256();
  const int bits = EVP_PKEY_get_bits(key);
  return bits <= 256 ? EVP_sha256() : bits <= 384 ? EVP_sha384() : EVP_sha512();
}

}  // namespace ipm::pki
