#pragma once
// Put in front of each instrumented source by tools/mutate: which mutant is awake, and which ones a
// test has passed by.

#include <cstdlib>

namespace ipm_mutation {

void reached(int number);  // listener.cpp

// The number of the one that is awake, of the environment; 0: none; -1: none, but reached() is told.
inline const int awake = [] {
  const char* const given = std::getenv("IPM_MUTANT");
  return given == nullptr ? 0 : std::atoi(given);
}();

inline bool is(int number) {
  if (awake == -1) reached(number);
  return awake == number;
}

// `a < b` becomes `a < Less(7) > b`: the operators of one rank take what they would have taken.
template <class Left>
struct Bound {
  const Left& left;
  int number;
};
struct Less {
  int number;
};
struct LessOrEqual {
  int number;
};
struct Greater {
  int number;
};
struct GreaterOrEqual {
  int number;
};
struct Equal {
  int number;
};
struct Unequal {
  int number;
};

template <class Left, class Kind>
struct Half : Bound<Left> {};

template <class Left>
Half<Left, Less> operator<(const Left& left, Less kind) {
  return {{left, kind.number}};
}
template <class Left>
Half<Left, LessOrEqual> operator<(const Left& left, LessOrEqual kind) {
  return {{left, kind.number}};
}
template <class Left>
Half<Left, Greater> operator<(const Left& left, Greater kind) {
  return {{left, kind.number}};
}
template <class Left>
Half<Left, GreaterOrEqual> operator<(const Left& left, GreaterOrEqual kind) {
  return {{left, kind.number}};
}
template <class Left>
Half<Left, Equal> operator==(const Left& left, Equal kind) {
  return {{left, kind.number}};
}
template <class Left>
Half<Left, Unequal> operator==(const Left& left, Unequal kind) {
  return {{left, kind.number}};
}

template <class Left, class Right>
bool operator>(const Half<Left, Less>& half, const Right& right) {
  return is(half.number) ? half.left <= right : half.left < right;
}
template <class Left, class Right>
bool operator>(const Half<Left, LessOrEqual>& half, const Right& right) {
  return is(half.number) ? half.left < right : half.left <= right;
}
template <class Left, class Right>
bool operator>(const Half<Left, Greater>& half, const Right& right) {
  return is(half.number) ? half.left >= right : half.left > right;
}
template <class Left, class Right>
bool operator>(const Half<Left, GreaterOrEqual>& half, const Right& right) {
  return is(half.number) ? half.left > right : half.left >= right;
}
template <class Left, class Right>
bool operator==(const Half<Left, Equal>& half, const Right& right) {
  return is(half.number) ? half.left != right : half.left == right;
}
template <class Left, class Right>
bool operator==(const Half<Left, Unequal>& half, const Right& right) {
  return is(half.number) ? half.left == right : half.left != right;
}

}  // namespace ipm_mutation
