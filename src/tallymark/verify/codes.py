"""Codes of findings of verification by recount."""

CODES = {
    "verify.inquiry": "Differences from recounts are large, go one way and recur; an inquiry should settle why.",
    "verify.over_reported": "Recounts find less than was reported, by more than 10 %.",
    "verify.under_reported": "Recounts find more than was reported, by more than 10 %.",
}
