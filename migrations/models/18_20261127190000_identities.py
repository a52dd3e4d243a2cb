"""Accounts at other providers that open accounts here.

Old and new instances run side by side: an old one lets nobody in by them, and an account that opens by nothing else is
closed to it meanwhile.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE IF NOT EXISTS "identities" (
    "id" UUID NOT NULL PRIMARY KEY,
    "provider" VARCHAR(32) NOT NULL,
    "issuer" VARCHAR(255) NOT NULL,
    "subject" VARCHAR(255) NOT NULL,
    "email" VARCHAR(320),
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_used_at" TIMESTAMPTZ,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "identities_account" UNIQUE ("issuer", "subject")
);
CREATE INDEX IF NOT EXISTS "identities_user" ON "identities" ("user_id");
COMMENT ON TABLE "identities" IS 'Accounts at other providers that open accounts here';
"""

SQLITE = """
CREATE TABLE IF NOT EXISTS "identities" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "provider" VARCHAR(32) NOT NULL,
    "issuer" VARCHAR(255) NOT NULL,
    "subject" VARCHAR(255) NOT NULL,
    "email" VARCHAR(320),
    "created_at" TIMESTAMP NOT NULL,
    "last_used_at" TIMESTAMP,
    "user_id" CHAR(36) NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "identities_account" UNIQUE ("issuer", "subject")
) /* Accounts at other providers that open accounts here */;
CREATE INDEX IF NOT EXISTS "identities_user" ON "identities" ("user_id");
"""

DOWN = """
DROP TABLE "identities";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXW1z2zYS/isYfWk6o/PFjvPm3tyM7ThXXxL7xlau7TUdGiIhCTVF6AjSiqbX/3674P"
    "urSVmyKQZf/EJgAfIBCO4+2F38MZgLi9ly79RlFnM8Tu3BEflj4NA5gz9KSodkQBeLpAwv"
    "eHRsq+pmXE9dp2PpudT0oGgClxhcspg0Xb7wuHBQ4KcZ9YgvmSvJwhV3jHgzxl1CTVP4ji"
    "fJknszbMkSJjTFnSkKXTpYD/6BnyCuBCWhTiR2RDiILqiUS+FaQyixyBJqsjvmErhlRkwx"
    "BwlPhJ1yDyoRVywJo+Zs74vzxTmOW1P3IHwPakRNkhmVxBFE+uYMxfbIzS13rBsi6UqSGb"
    "QDj0FcJj3CJfym8U1wEJhwmxEx+eLcwHPfcZP9NQXbX29UfQn3tEcuJ6lOgyYEXpIMJDwy"
    "ES48CSA6xP5chp0JwAav44MoYI/UvVgUxohK9sWRLHhyhG4PofUd/l+fGZ6YMmwFAP71N7"
    "gMz8O+Mon//jGYcGZb6u8BtmlwCyXxmQdYl31dwMNKGFMZiUcTKPVoBoqq6bJaqLKBEoUZ"
    "ov75E8UWt4bqKzMJg97UdSOS/fz5/N17VRNnx9gwhe3PnaT2YgWD5sTVfZ9beyiDZVPmMB"
    "emg5Wal45v2+Esji4FwMAFz/VZjIiVXLDYhPo2zu7B3ya+Y+KkJqon/HH49/DWUtUM4+Jy"
    "ZFyfjQxjUHgZ8BZyUz28ZAKwABOHNwKB+TNoNwFEXR1gB6c/Hl89e/HqewWBkN7UVYUKrs"
    "GfShBmgpGMZ4KyGs0Czqcz6pbjHNXPIQ03ug7G0YUE5GTFiOCLANoCpIM5/WrYzJnCcnNE"
    "9l/VQPzv4yuF8n6AsoAFLlj8LsKSA1WEYCfgwnMzuw26scBa8IYTtKPoPn/eBN7nz6vxxb"
    "IswLC0c2jOLWI8giWmHOO0TB9grkF1dPbzCFueS/lfOw3ms0/HPyuc56uw5OPlxT+i6inw"
    "Tz9enuQwl4zarGTNOOEOdVflmCcyOcTHK4/JXmF+goilMQfIT84vjq9+KQc9qp9et09+GZ"
    "0d52BXWknZTD/h03OnYq6nhHLAw5PsHuxwu/DrL28PDl68eH3w/MWrNy8PX79++eb5G6ir"
    "brhY9LpurM7/cX6Rm/J4IYs8KDCWAdpVG3UkLfMApaRj+D9EBfkjrRziExvUKyL6Dko8Pm"
    "cV0zkjmcPVCkX3oj92UCGpW8vPP51dj44//SuzuLw7Hp1hyUFmXYmuPssrK3Ej5Kfz0Y8E"
    "/yX/ubw4y49aXG/0nwHeE/U9YThiaVArjUl0ObqUU36kZ6j3oP1A52U3MNS78yrt3EinjM"
    "MW62MkskmbrbuDes/6iFbw5LbUQovs5yy074XL+NT5wAKN6xzugzomKwE0JHM+h83sJqTJ"
    "1eRVdukypg3SEwqeHZ6YeYGtdXx9evzuLOAZxtS8XVIXvsxpqLFEHIjclbhutigZF2Robt"
    "mqRCELJS8dNhLw44rZVD125dj8K2lqJ1exwugotOcH8xymc+rQqbpLbA6FQwDeU9MT7hUz"
    "BVhnq0EJF5mrMazjIyeqruEGlTlryEpeQ33HIoG0DFhG6jKkzcbwk94yh9AlXRWYyZGqGV"
    "OH30mk6tJNTQWBGjeWz+B7djMkvmMzCbXEnI2FtSLLmUAWD+rM4FJI6ylW0cG+QY9k65B2"
    "DtjA+AG9h6wrwGWg4DqUXXc+BPeTd538DAxrmDpc4C3stoBuNZ+UlukhY/fqsAGl9Oqwkl"
    "HCIm2bfIMaa7AStx3iREoPb6eHN/rwtRzflJge4M4NcMFEaqPR32dORbr6lo2pLqglGzal"
    "ipZTC73/XO0Se6Uaf1xWq+vzoFZjJf848jEAZVugEq2cAaCVSOMXC+YkngioiRf0/ZSXgF"
    "L8s+0Mic2dW2ah3YD78tjEEar4yhHBFlNJuJNs3QO6+D/+q1wQbriUPnNv1L7/jfTHvzPT"
    "Uz4GoSNB1DVHN4NhsO2PLT+7hDs/f0dOheOACPyGDvb3ng/RGlGb1C/3Xn//g3IMgFcNrQ"
    "HsH10kvjh4MXoA6ItbBCm4YWj7yJlYOoEnAj4s+mCA5ARuwyLjlXJauAiviwlJt/Udeh2A"
    "4aS6kmBmMKvKkvl1EDw5FoePPfitiU/CPeZNMkO0K0KnDZxozrQxcNIyPTRwXhw0MHBeHF"
    "QaOFiUNXCSd6wpxIlEDwE+ePmyAcJQqxJiVZbbIQ9XrxYgp0Q0ys1QZnPKWznXxAJ98PrI"
    "rxNNnGugVs1KUXCu0VzIOh/AnbCl9D7ttzjS3aHnuzuoep+2S+TC+vu0LYmIf4rxoISDwM"
    "vDOvrhdzFuGvMg3NuAYVhSDFRAu52SJVwNxrsq1kEZ4BYSCWBpRwJHRMAkCixysJ8dFfqA"
    "kQxTweQPBJuewiCocvXXMJCW5oxZvr3WbiJMXC/gQgIa/B6zG5ExoKq2t7tqb8cD2mI30S"
    "tbufpgomze+Z96HpsvPFlEuNJdNy2ylr9u5zAOHHYP9g9fH7558eow9tONr9S55xZdcfW+"
    "Xa8VVGVOMNct87WuC5pJS/XPuD9oFDlzUBM5c1CMnNFxX1v0IlnQlS2oZawTKlOU1SEz64"
    "bMaALrW/hq4O7nyghcLttoWwW5HoVIbU7jAstzHZUrEdOcYNdengd50myOc/kA9+S8Y5gL"
    "YVDCvaSLh3UczC1WhFHGmo0TUKD3RZCBYkbvGLplwD0S7hSomGMStBz6gyshlQkiFiHCgW"
    "eDmw+dISQxhbjl0K1woysO85C5UYQMMnx/OYYpX5mJ4deYTAzlVD1kziiKFdwiNJHypERK"
    "apCaqtMpkR5q1IdvG2jUh28rNWosKsTgRpO/BcpZqR4CffCyCW0FtWo21gvE1YS7YFBLxp"
    "w1PvwFYa08d+77X6Bc1hzrvKwe6k4P9US4U+F5673WOVmt1Hd5pNXvNtpIWL9/3On+2yYe"
    "lFCremPnbcGHUgZbni1dKbJSOilIDlOYnKVUqRA2o04FpLFQniMFqW19beIraSzL7cyNkK"
    "OXlx8z687JeT5J0+dPJ2cwiRXMUIkHHhWliWy0/8/Dpqz2/+mn/88nyu0T35oyb1BCRaVK"
    "h3VMFDoYG2NVsSER9aNYkjnmE0VRQtWvsfiqCKYZtQpsFDoGBR1gpA16BYUSe+QcLvmezT"
    "ErqorxidKiUuKwZTpiKRcB5AhVIWi2oWdQJeNUmhGjZlsxqL4Z0/xJo+u2s6dYTTpN4C7W"
    "UeQTMW2udU6J7wgzj9GwMAFGGLlXth5mymtXRNwGwrlkBFGAzRbFURAxCAscRlKqcEn4TH"
    "jMlSXsPFaJogzRLdIOCHdYQGdBcCQukoq0V4mU4Z+F78JYQb9TISzlSKmKQofMGV/PPTKt"
    "KQUd3OchmcPmvuhE1ORS/c1wioereNueZuHK0NYvU4kbCG2bNT4rpZf61kt9NJ9aYJ4S6S"
    "HtvfmwyCcI2euYGZ/fWGgyq6FWzcZCwS0qs2S1QDov1z+4txK/N14Z6a3xltxKifRTkyyP"
    "4Im2ObLFZVOOvXrtmcISUU0Xate+b8QGyrj2fV1waG6NYc5K6mHu9DBrYloT05qYLqdifG"
    "8sviIBPSgjYpLSYS0No+oZyBU35GA+BoRLErEapYIKnanyLIyqPiRLl6OXQJjhCoCmjqSB"
    "e59qCdthto3kzh75KbyiMt1ifigV8hAemsUXLCRnVKIr1fGDwlZt6gTBqL6rSKuUInAffZ"
    "JCz4jEm7E0DXNUZXpoxwO5zOQLHo5K/LDqLtt0Gm4jNO/XEiDiPKzTpA0dIdxFx1YdIawj"
    "hHctXkVHCPfZUtARwo8WIRyodK1gjiV6uPxvfs8ho7k1xTgj1EOYt7LxAKr/1Af7qt2akc"
    "j0EOc3DVB+U4nxm9L4nKdgcDq2Lm+G3b6jts/kWukDCqI6e4DOHqA1ymqNEnmlNcY4JaZj"
    "Ybo8vhHtlx3c6zm17UorO5J5PAt7f1sf/cC8fnHw+lVsWeM/dUb19afjjx+LlnVEfOa/Rd"
    "WnD0cSjwfj8+3C+MgHDyf0aFOlNZF4PJV1sC1Oc0s5xDviYxud+Viyq5M6DrJ6Syc8frJx"
    "wgvqkUgkSHkxZpJbjFAC6oo6IoPahY2dYIdGhns/yh8I3XJp1FTUSJR+FMpukubkzZAsg3"
    "NOoHzhj21uEpAaqmwZapsnPKAcz1lUp5+ooxShpe8k4Rb2PKfQPDSLx5QEgQs+Jjz1uEk9"
    "4RKT4maSOnEkvKNnN7itx62b74dECsKoOVNPoO4D95MeGuGQPF9Lg6cgqA88rN19CMaxiP"
    "CIfa344CQSvbDY69Sws59HGQ0sWubKbZ6oempZPEUzKEdILUrxriGjFn2C+xHOrMBPh78w"
    "mM2nHEEoqlO1LplF6Ud0yXwi635zHpkIH1jl/mIN2GM5DXiLeOM7gzscP3hcto7tLgpr6J"
    "tDb3GpTnOm7VeZvOh6sO8Oo7FB1JW700K4ZVv6NfFRGakefkr3G0U37NdEN+wXoxsonfrt"
    "9O9EQnuMFsKf5ILBA6zDdudlNR3aNTr0QYxHmeFbnCItz889zTS1i7buvf7EBWt/22fpXq"
    "WihgYlrFKmfFhHLaXjjxryS+nGVeR2GK7HQg9iR4yFtVJpLQC5CXcxW+qKlboSUySE0veg"
    "2nOI7ySiYTaL72TUkTphN2obaSPkpuJTdxWL5M24xABwRTSdByf9yuhAW5U/Y8xMMc+mz4"
    "AekFlaCtcKzr9F5moZHbkTF0HLU34HVyNGiSy5NyNUhac/MJy8uaNyZuBa+hGnAmZa9RLK"
    "1XSknXiflEZTGT/aZoTLCGmHuWYOc0/hZdRpmDfsZIQpJGAdjBbdNjiXiPbQ0NoKZ6n9YN"
    "ZZsHfCMNChtt/cMOtQWx1q+9SmcUdDba+Z6bvcW53dMac0DWS2wrDOhJZhVYNh3TZOGjNo"
    "FIbdQp+L0AaVyvKUkTmWGwuVEzLqj6j+9shllAkSrVTE+yg6JxZNVeoIZzUXvtwjF8o+ng"
    "kAKHTrUPasyoWmEnc9mvGag6yl+bp+P1ktpVlvqtaDni5qoVl/qdzRLfsJJZt35TIYaemt"
    "0VUoqZmArjIB0ZxrvDEV1u+hpbT5Mx+1mfRN6M869//mdx9BKRJtjZK0jMYziycv8XCqXu"
    "V5mV9TD8jHwyZc2GE1FXZYYMKe7BCyTuO8lTPIUlpoC6izUv2DevNai8W8MHlUFuN/Xl9e"
    "VLiHxRJ5TYWbHvkfsbncxTwkNcAiFhn1pOBrnXerzi3R2EDe11oHTPeGhusmohkWLrqBna"
    "DhYIzg+T6Ux0alSoe1BFxQz2geIgVNkgXlUc47bAAJODwkJTm8IOerchvK7JERhiC5/A6m"
    "CZlRe4I0G3NMd7WAeUN8mArIqGF9+IvfwbWJK+bk+uz0Csb7w9kvPwRRTEGQVNSC+hd3Lh"
    "98LEu7D+ntJsM6vqlc/dSeCpd7s3kbuDNCPWRbNp86LXhPjN+XJacuV+suWSmtvzxAfwnX"
    "OiNe44rjUJempFR8zVQlOzQUOldJl0Zj58hHzKR7xwzUHNqOc05UO+l3eZxdGAN3rdc5K6"
    "lHuWuj/KBQjA3aWB71QM/h5qDMxIoLh7UWVlStxVGXYoLJwaWYM+V0Hzs7DMl4RWbCdws2"
    "Vp0UZhnHA91QkDxDT4cxm3IH7b4h+Tw6/X5IMJCRUNuGqoG1L6ssqV8HUf8Kjt+aWlZlhl"
    "VdUpxSy6okJU744nXXsHrElDjV5lY0Zm3WyEhGKzudWx6f7BD7rg3ktnl/lSay3cIVi/Qp"
    "7/gjLF8d+eR/dibcUVziFZsLGMyyT3+xUq0K4MfVDTeo31AXeKfIZitxcFzOhFTHhcAXGp"
    "NBwZccv/QeDU+YzfKuTnyadXg8iSQBfW0dKYdHDgoFlHI7iu4j0hMuU2F6NpuEYvjs6CD5"
    "UG5VO689hvOapjh6+9Xvygop1XtfXBTDbcCadVCGZ1Pfv/IdhyveMDiKWsUmxyfvVKxye+"
    "QyW/eI3DD880Y5c4ehx8PwomGiezc3aVC8DFP4mWK+oLgGoi95MHPXce3Ovkz3OwkraFI+"
    "1uGGYzNfZHVugy3ApmvZXyJY05le0J90QVeTtY2CHwv0UMPfyrEHueWgNdZZ0d5tBm/l0G"
    "UdbV8yuXW0/WPAvOFo+1QeX+MOPqphFFEW60q2oEK6N6nAN3Zg2UR5spckjKtPUZ8S6w2m"
    "m8hSz6URbHWWkFt1WQ8zco+YaTL6/O1szkMATvpgm5T7XN6HeUb0EWGPr+ws7oGGBksrh4"
    "7aJlctCmvsW2AfhWIbd9TmYNVOSg/Ku+8AmfI29J591+gp7Wj1zQ2zv7DWHOaspH6ZuzzK"
    "BXqxzUAXhPVYd22sW+wrlJq9JUpVKPz+wxWz40yq28hx242hL6Tyyar+6vk8zh6I1HnQzq"
    "qvOKlzk6DvO24+FKoP2NQ71VJf0RIOM3C9NJKoq/XxwrzU0NZIhH4EfQSskK55fbjyOaL7"
    "CFdJaq71ASukBNvJL3wRsFb77Hky03CZOkFkVY1tlC/+foTfqyavUi32COIW3gnHzOXmbF"
    "DinxCWDOs8FGhS5z4Xheon27CP1LfiIv3ArYLqHfTKXZnqHbDqrZh+7KJvIf8xvlQtEA6r"
    "9xDd/UbbuPs127j7xW1c6NErTahTHcWbEtEhvC1DeJ/U1e7P/wNQTDTE"
)
