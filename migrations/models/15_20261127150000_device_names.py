"""What users call their devices.

Older instances know nothing of the columns, and go on noting log-ins: those are of no device for certain, and so leave
no name behind.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
ALTER TABLE "known_devices" ADD COLUMN "name" VARCHAR(192);
ALTER TABLE "known_devices" ADD COLUMN "session_id" UUID;
ALTER TABLE "known_devices" ADD COLUMN "shared" BOOL NOT NULL DEFAULT FALSE;
"""

SQLITE = """
ALTER TABLE "known_devices" ADD "name" VARCHAR(192);
ALTER TABLE "known_devices" ADD "session_id" CHAR(36);
ALTER TABLE "known_devices" ADD "shared" INT NOT NULL DEFAULT 0;
"""

DOWN = """
ALTER TABLE "known_devices" DROP COLUMN "shared";
ALTER TABLE "known_devices" DROP COLUMN "session_id";
ALTER TABLE "known_devices" DROP COLUMN "name";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXWlz2zgS/SsofUlSpfXEsp3Ds7VVduKZ8SSxp2xl58oUDZGQhDFFaAhSiiqb/77d4H"
    "2alCWbYvjFB4EGyAcQ7H7obnzpzYTBTLn3xmYGsxxOzd4x+dKz6IzBHzmlfdKj83lUhhcc"
    "OjJVdT2sp67TkXRsqjtQNIZLDC4ZTOo2nztcWCjw65Q6xJXMlmRuiwUjzpRxm1BdF67lSL"
    "LkzhRbMoQOTXFrgkKXFtaDf+AniCtBSagViB0TDqJzKuVS2EYfSgyyhJpswWwCt8yILmYg"
    "4Qi/U+5AJWKLJWFUn+59sj5ZJ2Fr6h6E60CNoEkypZJYgkhXn6LYHrm55ZZxQyRdSTKFdu"
    "AxiM2kQ7iE3zS8CQ4CY24yIsafrBt47gXX2Xcx2L67UfUl3NMeuRzHOvWaEHhJMpBwyFjY"
    "8CSAaB/7sxl2JgAbvI4PooA9VvdiUBgjKtknSzLvyRG6PYTWtfg/LtMcMWHYCgD8519wGZ"
    "6HfWYS//3SG3NmGurvHrapcQMl8Zl7WJd9nsPDShhTGYgHEyj2aBqKqumymquynhKFGaL+"
    "+Ypi81tN9ZWYhF5v6roWyH78eP72B1UTZ8dI04Xpzqyo9nwFg2aF1V2XG3sog2UTZjEbpo"
    "MRm5eWa5r+LA4uecDABcd2WYiIEV0w2Ji6Js7u3r/HrqXjpCaqJ/xx+B//1mLVNO3icqhd"
    "nw01rZd5GfAWUlPdv6QDsAAThzcCgfnqtRsBoq72sIM3P51cPT148UxBIKQzsVWhgqv3VQ"
    "nCTNCi8YxQVqOZwfnNlNr5OAf1U0jDja6DcXAhAjlaMQL4AoC2AGlvRj9rJrMmsNwck/0X"
    "JRD/9+RKobzvoSxggfMWvwu/ZKCKEOwIXHhuZtZBNxRYC15/gjYU3efPq8D7/HkxvliWBB"
    "iWdg7N2VmMh7DE5GMcl2kDzCWoDs9+G2LLMyn/MeNgPv1w8pvCebbyS95fXvwYVI+B/+b9"
    "5WkKc8moyXLWjFNuUXuVj3kkk0J8tHKYbBXmp4hYHHOA/PT84uTq93zQg/rxdfv09+HZSQ"
    "p2pZXkzfRTPjm3CuZ6TCgFPDzJ7sEOtwu//vV6MDg4eDl4fvDi1dHhy5dHr56/grrqhrNF"
    "L8vG6vzH84vUlMcLSeRBgTE00K7qqCNxmXsoJQ3D/z4qyJe4cohPrFEni+hbKHH4jBVM54"
    "RkClfDF90L/thBhaRsLT//cHY9PPnwS2JxeXsyPMOSQWJdCa4+TSsrYSPk1/PhTwT/JX9c"
    "XpylRy2sN/yjh/dEXUdollhq1IhjElwOLqWUH+lo6j2oP9Bp2Q0M9e68Sjs30jHjsMb6GI"
    "hs0mZr7qDesT6iFTy+zbXQAvs5Ce0PwmZ8Yr1jnsZ1DvdBLZ3lAOqTOR/9ZnYT0uhq9Crb"
    "dBnSBvEJBc8OT8wcz9Y6uX5z8vbM4xlGVL9dUhu+zHGosUQMROpKWDdZFI0LMjS3bJWjkP"
    "mSlxYbCvhxxUyqHrtwbH6JmtrJVSwzOgrt2WCWwnRGLTpRd4nNobAPwM9i1MshIPFyv4x5"
    "/FuMqlKOwr71iMMlRZ4Q2TJKlnDVey2KqEZBRowYyK+NVqHAMRHwrnnUnDNllmIekUicCC"
    "a/J9j0BNBQ5eqvvict9SkzXJOtw8DB++2o19sAIfgq3sHAITIaVO2Yt6Yyb+GAViWHQoGO"
    "e6vAvVHHYbO5I7MIF1rLcZG1zOXGYezZy4P9w5eHrw5eHIZmcnilzDrOWsL+0lNTmY+kOo"
    "ut0Xq8srqYbedRHWWcdVyqDYxqcmkaVCKuByXE9SBLXHfbLiG+Lw4rwPvisBBdLEqCO6cr"
    "U1BDW4epzsp2jPW6jHXH830LXw30r1jB+wKPaNTRtjJyLdqh2JzGBZbnOipXJNZRp017eT"
    "Jc34aoqZqcyzu4J+stQ1ekXg73Ei/ul3Ewt1gRRhlrVvb/Qr8lzwFsSheMmGIC90i4laFi"
    "TojXssfdUCWkHLFCESIseDa4eQNJFmRidCFuOXQr7OCKxRxkbhQhg0Tov05gyhc6Qv0Zcq"
    "6+nKqHBCNFsd5fKZ6mI1IelUiJDVJVdTom0kKN+vB1BY368HWhRo1FmS3wYPLXQDkp1UKg"
    "B0dVaCuoVWwaHmWIqzG3waCWjFlrfPgzwp3y3Ljvf4ZyWXOs07LdUDd6qMfCngjHWe+1Ts"
    "l2Sn2TR1r9rqON+PXbx53uvx5U2dd5PSje2MGytAOq2vKs6XGSlOp88lKYwuTMpUqFMBm1"
    "CiANhdIcKUht62sTXoljmW9nboQcvbx8n1h3Ts/TPtIfP5yewSRWMEMl7jme5PqRdm5S95"
    "uynZvUjrhJ1eSiPlBunrrGhDm9HCoqVtovY6JmUE8bqYoViaifxJLMMJwPRQlVv0bisyKY"
    "ptTIsFHoGOR1gCF56BXkS+yRc7jkOibHoESMvQujEimx2DIMK6SOV2oY6LmDsXuWUBW8Zi"
    "t6BhUyTrkOaSXbil71zZjmd7NNO7enWEw6jeEu1lHkI7HOXGucEt8QZh4dR2ECDMUts/LW"
    "w0R56YqI20A4l2AtgboVF0XVrsQFzuTWrUSKHT4TDrNlDjuPVZ5gaDHIoFuk6RHusIBO+8"
    "rJEhdJRdqrOGb4Z+7aMFbQ70QIQzlSqiLfIXPK13OPjGtKXgd3eUimsLkrThk1uVh/U5zi"
    "/ipet6epvzLU9ctU4hpCW2eNT0p1S33tpT6YTzUwj4m0kPY+qGLUHxTb9AdZk94d/c30Wp"
    "sLMZH28SaDoyqzGmqVbCxk3KISS1YNpNNy7YP7YFDFxQ9qlUzpjIvfaKXFt8Zrcis50o9N"
    "sjyAJ9rmyBabTTj26tRnCnNEO7qwc+37RmyghGvf5zmH5tYY5qRkN8yNHuaOmO6I6Y6Yzq"
    "diXGckPiMB3csjYqLSfikNo+ppyBVX5GDee4RLFLHqR6JK35kqzcKo6n2ytDl6CSBlgywz"
    "dGJJ6rn3qZawHWaaSO7skV/9Kyp9HZfEC3nwc9bxOfPJGe54hcX+kpXCVk1qecGorq1Iq5"
    "gicBd9EkNPC8SrsTTBrKrTQz0eyGY6n3N/VMKHVXdZp1N/G6F6v4YAEet+nUZtdBHCTXRs"
    "7SKEuwjhXYtX6SKE22wpdBHCDxYh7Kl0tWAOJVq4/G9+zyGhuVXFOCHUQpi3svEAqv/EBf"
    "uq3poRybQQ51cVUH5ViPGr3Picx2BwGrYub4bdXlDTZXKt9AEZ0S57QJc9oNMoizVK5JXW"
    "GOOYWBcL0+TxDWi/5OBez6hpFlrZgczDWdj72/roe+b1weDli9Cyxn/KjOrrDyfv32ct64"
    "D4TH+LipN/BxIPB+Pz7cL4wHm/I3q0qtIaSTycytrbFqeZNgyOKhkGRyWGwdGzvJ2yx9nY"
    "CVKu5uzqxLKxFm/p+Nlf6xx4FIh4KS9GTHKDEUr0xClLiY0db4dG+ns/yh/IOwrIbypoJE"
    "g/CmU3saN3bvpk6Z0QhAcjuSOT6wSk+ipbhtrm8c8HINRm6vyjIXYILT2RhBvY84waeGqR"
    "OkjJC1xwMeGpw3Xq4DlEFDeT8HpwR09vcFuPGzfP+kQK70AiLv2TinA/6b4RDtHz1TR4Mo"
    "IPuyHRUKunePfBG8cswsUnq0QSrbDYy9SwbRysYs9z8S4ho+ZtgntL35uESyZ8Oty5xkw+"
    "4QhCVp0qdcnMSj+gS+YjWfeb88hE+MAqd+drwB7KdYDXiDdeaNzi+MHjsnZsd1a4g7469A"
    "aXulgALvVXmbToerDvDqOxQdSVu9Nc2Hlb+iXxUQmpFn5K9ytFN+yXRDfsZ6MbKJ249fTv"
    "SKLzGM2EP8k5gwdYh+1Oy3Z0aNPo0HsxHnmGb3aKBEfNVPQlTh7svIu27p3+xBlrv4JX8b"
    "0IpatY1FAvh1VKlPfLqKV4/FFFfineuIrc9sP1mO9BbImRMFYqrQUgN+Y2ZktdsVxXYoqE"
    "UPweVHsWca1I1M9m8UQGHR2T5VQEbSNthNwUXlOnbysWyZl6B1UrogmzZcwxytwS6qAdlT"
    "9jxPwTuqP0GU+iE70VYaWYq2Vw5E5YBC1P+AKuBoySOr6bUBWefs9w8uqOyomBq+lHHAuY"
    "qdWLL1fSUefE+6g0msr4UTcjXEKoc5ir5jD3GF5GjYZ5w05GmEIC1sFg0a2Dc45oCw2trX"
    "CWnR/MOgv2ThgGXajtNzfMXahtF2r72KZxQ0Ntr5nu2txZnS2YlZsGMlmhX2ZCS7+qxrBu"
    "HSeNKTQKw26gz4Vvg0plecrAHEuNhcoJGfRHVH975DLIBIlWKuJ9HJwTi6YqtYS1mglX7p"
    "ELZR9PBQDku3Uoe1blQlOJux7MeE1BVtN8Xb+fpJZSrTcYRlElrjfdl5Kr3k0sZXTNjnzJ"
    "6l3ZDAZYOmt05Ut2BEBTCQAFVQbnkv0ov34LDaTNH/XYWUffhNrcpfzf/KZj+BGtgWhcps"
    "MziSfPcWwqXuV5njtTCzjHwyoU2GExA3aYIcAe7eyxRuO8laPHYlpoDaiTUu2DevNai8Ec"
    "P2dUEuOfry8vCrzCQom0psJ1h/yPmFzuYvqREmARi4R6knGxTntTp5ZobCDtYt3FSbeGfW"
    "smognyLbiBnWDfYIzg+d7lh0TFSvulvJtXT6seGQVNkjnlQao7bAB5NzwbJTqzIOWicuvL"
    "7JEhRh7ZfAHThEypOUZ2jVm6vZrDvCEuTAUk0rA+/MUXcG1sixm5PntzBeP97uz3773gJS"
    "82KmhB/Ysblvc+jaXeh/R2k9Ec31SKfmpOhM2d6awO3AmhFrItm8+Y5r0n2t/LnMOWi3WX"
    "pFSnv9xDf/HXOi1c47LjUJadJFd8zQwlOzQUXYqSJo3GzpGPmEB3wTTUHOqOc0q0881v8j"
    "jbMAb2Wq9zUrIb5aaN8r0iMDZoYznUAT2H6708Eyss7JdaWEG1GidcijHmBJdixpSvfejj"
    "0CejFZkK187YWGVSmFwcz3FDQfIUHRxGbMIttPv65OPwzbM+wfhFQk0TqnrWviyypP7sBf"
    "0rOP6qalnlGVZluXByLaucTDj+i9dcw+oBM+EUm1vBmNVZIwOZTtlp3PL4aGfXN20gt837"
    "q+yQ9RauUKRN6cYfYPlqyCf/ozXmluISr9hMwGDmffqzlUpVADesrtle/Yq6wFtFNhuRX+"
    "NyKqQ6JQS+0JgDCr7k+KV3qH+wbJJ3tcJDrP1TSSTx6GvjWPk5clAooJSbQVAfkY6wmYrO"
    "M9nYF8NnR7/I+3KrnfPaQzivdRRHa7/6TVkhpXrvs4uivw1Ysg5K/0jqu1e+E3/F63snUK"
    "uQ5PDAnYJVbo9cJusekxuGf94oH24/4rjvX9R09OrmOvWKl37mPl3M5hTXQHQh92buOh7d"
    "yZfpbidhBU3MtdrfcKzmi6yOazAF2HQ1+4sESzrrFvRHXdDVZK2j4IcCLdTwt3LaQWo5qI"
    "11UrR1m8FbOWu5C7LPmdxdkP1DwLzhIPtY+l5tAR9VP4ooiXUhW1Ag3ZoM4Bs7p2ysPNlz"
    "8sSVZ6aPibUG000kp+cqtg704RxyqyzZYULuARNMBp+/nU11CMBJF2yTfJ/LuzBPiD4g7O"
    "GVncXd09BgaeXQUd2cqlnhDvsa2AcR2NqCmhys2nHu+Xh3nRuT30a3Z980eqpztPrmhtmd"
    "G2sOc1Kye5mbPMoZerHOQGeEu7Fu2ljX2FfINXtzlCpf+Id3V8wME6huI7VtM4Y+k8En8f"
    "6oY4Cg7wXX2T3BeodNvVUttRUtYTEN1wEtiiZaHy9MswxtDYW/P95GwDLZh9eHK53yuI1w"
    "5WSaWh+wTIarnfxyZQHb5v7xCZjT+rSXs4Psl/TL9pBpVOeuTeRiGDbsxfKtOLHek8wt3u"
    "Ms5M2L9yiKyfJ27HNuITEtvlQ1EPartxDd/UobbfslG2372Y026NHJTXlSHGcZE+mCLGsG"
    "WT6qM9TX/wNNQi/Z"
)
