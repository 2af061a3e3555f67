"""What an account that knows nothing of this project keeps of the strategy's promises: read (`inventory`), judged (`judgement`).

Everything is found by looking; nothing is assumed to have a name. All calls read.
"""
