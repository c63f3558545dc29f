"""What was done, in words: a sentence for each action that the audit log knows, and the groups that it is searched by.

An action without a sentence shows as it is recorded. Text only; nothing here asks or draws.
"""

from collections.abc import Mapping
from typing import Any

SENTENCES = {
    "workspace.create": "made the workspace {subject}",
    "workspace.change": "changed the settings of {subject}",
    "workspace.timezone": "switched the time zone of {subject} to {after}",
    "plan.change": "changed the plan of {subject}",
    "key.create": "made the key {name}",
    "key.change": "changed the key {name}",
    "key.rotate": "rotated the key {name}",
    "key.revoke": "revoked the key {name}",
    "key.activate": "activated the key {name}",
    "key.deactivate": "deactivated the key {name}",
    "key.sources": "changed what the key {name} shows on the free plan",
    "user.invite": "invited {subject} as {role}",
    "user.withdraw": "withdrew the invitation of {subject}",
    "user.join": "let {subject} in as {role}",
    "user.role": "changed the role of {subject} from {before} to {after}",
    "user.remove": "removed {subject}",
    "user.password": "set a new password for {subject}",
    "user.reset": "made a link for a new password for {subject}",
    "user.sign_out": "signed {subject} out everywhere",
    "team.create": "made the team {team_alias}",
    "gateway_user.create": "made the gateway user {subject}",
    "budget.create": "made the budget {name}",
    "budget.change": "changed the budget {name}",
    "budget.delete": "deleted the budget {name}",
    "price.create": "set a price for {model}",
    "price.delete": "took back the price for {model}",
    "price.import": "imported prices from {subject}",
    "price_data.adopt": "took up the price data {subject}",
    "name.map": "had {dimension} {name} told as {becomes}",
    "name.unmap": "had {dimension} {name} told as itself again",
    "view.save": "saved the view {subject}",
    "view.delete": "deleted the saved view {subject}",
    "reprice.ask": "asked for the re-pricing {subject}",
    "reprice.drop": "withdrew the order of the re-pricing {subject}",
    "reprice.begin": "began the re-pricing {subject}",
    "reprice.finish": "finished the re-pricing {subject}",
    "undo.ask": "asked to take back the re-pricing {subject}",
    "undo.drop": "withdrew the order to take back the re-pricing {subject}",
    "undo.begin": "began to take back the re-pricing {subject}",
    "undo.finish": "took back the re-pricing {subject}",
    "quarantine.replay": "had the bad event {subject} replayed",
    "quarantine.replay_all": "had {events} bad events replayed",
    "quarantine.delete": "deleted the bad event {subject}",
    "content.on": "switched on that {subject} keeps prompts and responses",
    "content.off": "switched off that {subject} keeps prompts and responses",
    "content.look": "looked at the prompt and response of {subject}",
    "content.delete": "deleted the prompts and responses that {subject} kept",
}
GROUPS = {
    "Keys": ("key",),
    "Users": ("user", "gateway_user"),
    "Plans": ("plan",),
    "Prices": ("price", "price_data", "reprice", "undo"),
    "Names": ("name",),
    "Saved views": ("view",),
    "Budgets": ("budget", "team"),
    "Workspace": ("workspace",),
    "Quarantine": ("quarantine",),
    "Prompts and responses": ("content",),
}  # the nouns of each
PEOPLE = "user "  # what stands before the e-mail of somebody who did it on a page


class Words(dict[str, Any]):
    """What a sentence may name. What a record does not tell is its subject."""

    def __missing__(self, _: str) -> Any:
        return self["subject"]


def did(record: Mapping[str, Any]) -> str:
    """What somebody did: the sentence goes on after their name."""
    sentence = SENTENCES.get(record["action"], "{action} {subject}")
    return sentence.format_map(Words({**record["details"], "action": record["action"], "subject": record["subject"]}))


def who(actor: str) -> str:
    """A person is their e-mail; all others say what they are: `Key ci`, `Master key`, `Command line`."""
    return actor.removeprefix(PEOPLE) if actor.startswith(PEOPLE) else actor[:1].upper() + actor[1:]
