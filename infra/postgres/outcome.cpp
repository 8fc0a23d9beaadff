#include "infra/postgres/outcome.hpp"

#include "infra/postgres/log_position.hpp"

namespace danwa::infra::pg {

Script outcome_script(const Witness& witness) {
  Script script;
  script.add("BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE");
  script.add("SELECT id FROM channels WHERE id = $1::bigint FOR UPDATE", Values{}.add(witness.channel));
  script.add("SELECT 1 FROM updates WHERE channel_id = $1::bigint AND seq = $2::bigint AND subject_id = $3::uuid",
             Values{}.add(witness.channel).add(witness.seq).add(witness.subject));
  script.add("SELECT value FROM meta WHERE name = 'epoch'");
  return script.add("COMMIT").add(kLogEnd);
}

bool took_place(const std::vector<Rows>& answers) { return !answers.at(2).empty(); }

domain::Position outcome_position(const std::vector<Rows>& answers) {
  return {answers.at(3).first().text(0), answers.at(5).first().number(0)};
}

}  // namespace danwa::infra::pg
