#include "print/guarded_text.h"

#include <algorithm>
#include <vector>

#include "base/uri.h"

namespace ipm::print {
namespace {

// In no text that anybody else wrote: those come without control characters.
constexpr char kBegin = '\x0e';
constexpr char kEnd = '\x0f';

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

bool is_part_of_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// The words around, without the punctuation of the sentence.
Span widened(std::string_view text, Span span) {
  while (span.begin > 0 && !is_space(text[span.begin - 1])) --span.begin;
  while (span.end < text.size() && !is_space(text[span.end])) ++span.end;
  constexpr std::string_view kBefore = "(\"'";
  constexpr std::string_view kAfter = ".,;:)\"'";
  while (span.begin < span.end && kBefore.find(text[span.begin]) != kBefore.npos) ++span.begin;
  while (span.end > span.begin && kAfter.find(text[span.end - 1]) != kAfter.npos) --span.end;
  return span;
}

void find_secret(std::string_view text, std::string_view secret, std::vector<Span>& spans) {
  if (secret.size() < 2) return;
  for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 1)) {
    const std::size_t end = at + secret.size();
    // A host "hp" is not meant by "hpijs"; a folder is by its files.
    const bool apart = (at == 0 || !is_part_of_a_name(text[at - 1])) &&
                       (end == text.size() || !is_part_of_a_name(text[end]) || text[end] == '.');
    if (apart || secret.starts_with('/')) spans.push_back(widened(text, {at, end}));
  }
}

void find_places(std::string_view text, std::vector<Span>& spans) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_space(text[at])) continue;
    const Span word = widened(text, {at, at + 1});
    const auto inside = text.substr(word.begin, word.end - word.begin);
    if ((inside.starts_with('/') && inside.size() > 1) || inside.find("://") != inside.npos) {
      spans.push_back(word);
    }
    while (at < text.size() && !is_space(text[at])) ++at;
  }
}

std::string marked(std::string_view text, std::vector<Span> spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = 0; at < spans.size(); ++at) {
    Span span = spans[at];
    if (span.end <= done) continue;
    span.begin = std::max(span.begin, done);
    while (at + 1 < spans.size() && spans[at + 1].begin <= span.end) {
      span.end = std::max(span.end, spans[++at].end);
    }
    out += text.substr(done, span.begin - done);
    out += kBegin;
    out += text.substr(span.begin, span.end - span.begin);
    out += kEnd;
    done = span.end;
  }
  return out += text.substr(done);
}

std::string guarded(std::string_view text, const std::vector<std::string>& secrets) {
  const std::string plain = in_full(text);
  std::vector<Span> spans;
  for (const auto& secret : secrets) find_secret(plain, secret, spans);
  find_places(plain, spans);
  return marked(plain, std::move(spans));
}

std::string_view stands_for(std::string_view place) {
  if (place.find("://") != place.npos) return "an address";
  return place.starts_with('/') ? "a file there" : "the device";
}

}  // namespace

std::string guarded(std::string_view text, const ActualDestination& device) {
  std::vector<std::string> secrets = {device.settings.credentials.string()};
  if (const auto uri = find_uri(device.device_uri)) {
    secrets.push_back(uri->scheme == "file" ? uri->path : uri->host);
  }
  return guarded(text, secrets);
}

std::string guarded(std::string_view text) {
  return guarded(text, std::vector<std::string>{});
}

std::string in_full(std::string_view guarded) {
  std::string out(guarded);
  std::erase_if(out, [](char c) { return c == kBegin || c == kEnd; });
  return out;
}

std::string without_places(std::string_view guarded) {
  std::string out;
  while (!guarded.empty()) {
    const auto begin = std::min(guarded.find(kBegin), guarded.size());
    out += guarded.substr(0, begin);
    guarded.remove_prefix(begin);
    if (guarded.empty()) break;
    // One that was cut off is left out to its end.
    const auto end = std::min(guarded.find(kEnd), guarded.size());
    out += stands_for(guarded.substr(1, end - 1));
    guarded.remove_prefix(std::min(end + 1, guarded.size()));
  }
  return out;
}

}  // namespace ipm::print
