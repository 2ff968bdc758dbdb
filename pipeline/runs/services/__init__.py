"""The services as a person has them: who is meant, who can be used, how they are called, what they tell."""
