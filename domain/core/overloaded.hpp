#pragma once

namespace danwa::domain {

/// A visitor made of lambdas; a case without a lambda does not compile.
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace danwa::domain
