#include "adapters/graphql/validate.hpp"

#include "adapters/graphql/validation/document_rules.hpp"
#include "adapters/graphql/validation/overlapping_fields.hpp"
#include "adapters/graphql/validation/selection_rules.hpp"

namespace danwa::adapters::graphql {

GraphqlErrors validate(const Schema& schema, const Document& document) {
  Report report{document};
  check_names(document, report);
  const auto facts = check_selections(schema, document, report);
  check_variables(schema, document, facts, report);
  if (check_fragment_graph(document, facts, report)) {
    check_subscriptions(document, report);
    check_overlapping_fields(schema, document, report);
  }
  return report.take();
}

}  // namespace danwa::adapters::graphql
